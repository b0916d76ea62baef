"""Each generic test passes and fails as its cases say, over NULL, over nothing and over partitions, in one scan."""

from __future__ import annotations

import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from generic_tests_support import HERE, ROOT, Told, fixture_db, make_project, run_dbt  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]


PARTS = {
    "people": {"people_2024", "people_2025"},
    "bookings": {"bookings_of_a", "bookings_of_others"},
    "numbers": {"numbers_0", "numbers_1"},
    "sales_now": {"sales_now_low", "sales_now_high"},
    "history": {"history__events", "history__rejected"},
    "clean": {"clean__events", "clean__rejected"},
}


@pytest.fixture(scope="module")
def told(db: Connection, database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """One run of all cases."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        project = make_project(tmp_path_factory.mktemp("generic") / "project", monkeypatch, database)
        shutil.copytree(HERE / "project/models", project / "models", dirs_exist_ok=True)
        yield run_dbt(project, "test")


def outcome(result: Any) -> list[int] | str:
    """Rows tested and failed; dbt's message, if it could not run."""
    if not result.adapter_response:
        return " ".join(result.message.split())
    return [result.adapter_response["rows_affected"], int(result.adapter_response["code"])]


def test_each_case_tests_and_fails_as_many_rows_as_it_says(told: Told) -> None:
    assert told.results, told.said
    found, expected = {}, {}
    for result in told.results:
        name, seen, expects = result.node.name, outcome(result), result.node.config.meta["expects"]
        is_refused = isinstance(expects, str) and expects in seen
        found[name], expected[name] = (expects if is_refused else seen), expects
    assert found == expected


def test_every_generic_test_has_a_case_that_passes_and_one_that_fails(told: Told) -> None:
    statuses = defaultdict(set)
    for result in told.results:
        if result.adapter_response.get("rows_affected"):
            statuses[result.node.test_metadata.name].add(str(result.status))
    there = {path.stem for path in (ROOT / "tests/dbt/generic").glob("*.sql")}
    assert dict(statuses) == {name: {"pass", "fail"} for name in there}


def test_the_index_of_a_shift_is_the_one_worked_by_hand(told: Told, db: Connection) -> None:
    """Half and half where it was 60 to 40: (0.5 - 0.6) ln(0.5 / 0.6) + (0.5 - 0.4) ln(0.5 / 0.4) = 0.0405."""
    by_hand = 0
    for result in told.results:
        if (expected := result.node.config.meta.get("psi")) is not None:
            _, _, psi = db.execute(result.node.compiled_code).fetchall()[0]
            assert psi == pytest.approx(expected, abs=0.0001), result.node.name
            by_hand += 1
    assert by_hand >= 6


def test_what_differs_in_a_schema_is_said(told: Told) -> None:
    assert (
        "cases.typed: gone (date) is missing; id is bigint, declared integer;"
        " price is numeric(18,2), declared numeric; tags (text[]) isn't declared"
    ) in told.said


def scans(plan: dict[str, Any]) -> Iterator[str]:
    """The table of each scan in a plan."""
    if "Relation Name" in plan:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from scans(part)


def scanned(db: Connection, result: Any) -> list[str]:
    row = db.execute("explain (format json) " + result.node.compiled_code).fetchone()
    assert row
    return list(scans(row[0][0]["Plan"]))


def test_each_scans_what_it_tests_once(told: Told, db: Connection) -> None:
    """Each partition of it, where there are any; whether there is a condition or not."""
    for result in told.results:
        if not result.adapter_response:
            continue
        table = result.node.test_metadata.kwargs["model"].split("'")[-2]
        found = [name for name in scanned(db, result) if name in PARTS.get(table, {table})]
        assert len(found) == len(set(found)), result.node.name
        assert found or result.node.test_metadata.name == "schema_unchanged", result.node.name
    assert told.results


def test_a_condition_on_the_partitions_field_leaves_partitions_out(told: Told, db: Connection) -> None:
    pruned = {
        result.node.test_metadata.name
        for result in told.results
        if result.node.config.where == "joined_on < '2025-01-01'"
        and [name for name in scanned(db, result) if name.startswith("people")] == ["people_2024"]
    }
    assert {"is_email", "accepted_range", "relationships", "row_count_between", "expression_holds"} <= pruned
