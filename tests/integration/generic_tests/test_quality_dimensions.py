"""Whatever a test looks at, it has one of the six quality dimensions, or dbt stops before it runs anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from generic_tests_support import make_project, run_dbt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from atlas.settings import Settings

# Where a test may hang, with how a generic test is declared there.
PLACES = {
    "model": "models: [{{name: one_model, data_tests: [{test}]}}]",
    "source": "sources: [{{name: one_system, tables: [{{name: one_source, data_tests: [{test}]}}]}}]",
    "snapshot": "snapshots: [{{name: one_snapshot, relation: ref('one_model'), {snapshot}, data_tests: [{test}]}}]",
    "seed": "seeds: [{{name: one_seed, data_tests: [{test}]}}]",
}
SNAPSHOT = "config: {unique_key: n, strategy: check, check_cols: all}"
REASON = (
    "its config.meta.quality_dimension must be one of"
    " completeness, uniqueness, validity, consistency, accuracy, timeliness."
)


@pytest.fixture(scope="module")
def place(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with one of each that can be tested."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        place = make_project(tmp_path_factory.mktemp("dimensions") / "project", monkeypatch, database)
        for directory in ("seeds", "tests/singular"):
            (place / directory).mkdir(parents=True)
        (place / "models/one_model.sql").write_text("select 1 as n")
        (place / "seeds/one_seed.csv").write_text("n\n1\n")
        yield place


def declare(place: Path, test: str, singular: str) -> None:
    """Let each of them, and a singular test, have one test."""
    for name, yaml in PLACES.items():
        (place / f"models/{name}.yml").write_text(yaml.format(test=test % name, snapshot=SNAPSHOT))
    (place / "tests/singular/one_singular.sql").write_text(f"{singular} select 1 as n")


def test_one_without_stops_the_run_wherever_it_hangs(place: Path) -> None:
    declare(place, "{expression_holds: {name: of_%s, arguments: {expression: n > 0}}}", "")
    told = run_dbt(place, "test")
    assert told.results == []
    refused = re.findall(rf"test[.]generic_tests[.](\w+)\S*: {re.escape(REASON)}", told.said)
    assert set(refused) == {*(f"of_{name}" for name in PLACES), "one_singular"}


def test_an_unknown_one_stops_the_run_too(place: Path) -> None:
    wrong = "meta: {quality_dimension: beauty}"
    declare(place, "{unique: {name: of_%s, arguments: {column_name: n}, config: {" + wrong + "}}}", "")
    said = run_dbt(place, "test").said
    for name in PLACES:
        assert f"test.generic_tests.of_{name}" in said
    assert said.count(REASON) >= len(PLACES) + 1


def test_a_generic_test_has_its_own_unless_it_is_given_another(place: Path) -> None:
    config = "{{ config(meta={'quality_dimension': 'accuracy'}) }}"
    declare(place, "{unique: {name: of_%s, arguments: {column_name: n}}}", config)
    for name in ("model", "source"):
        given = "config: {meta: {quality_dimension: timeliness, weight: 2}}"
        test = f"{{unique: {{name: of_{name}, arguments: {{column_name: n}}, {given}}}}}"
        (place / f"models/{name}.yml").write_text(PLACES[name].format(test=test))
    told = run_dbt(place, "build", "--exclude", "source:*")
    found = {result.node.name: dict(result.node.config.meta) for result in told.results}
    assert found == {
        "of_model": {"quality_dimension": "timeliness", "weight": 2},
        "of_snapshot": {"quality_dimension": "uniqueness"},
        "of_seed": {"quality_dimension": "uniqueness"},
        "one_singular": {"quality_dimension": "accuracy"},
    }, told.said
