"""A broken delivery is named by the run that reads it: the demo's customers, upon a made-up history of measurements."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from atlas.anomalies import list_anomalies
from atlas.database import connect
from atlas.landing import land_file
from atlas.sources import load_sources
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from atlas.settings import Settings

PROJECT = Path(__file__).parents[2]
RECORDS = 200
DAYS = 40
TABLE = "explore.raw_crm__customers"
# What the run before has measured, as it would have been in the days before it: a little more, a little less.
PAST = """
    insert into quality.measurements (
        run_id, measured_at, table_schema, table_name, column_name, metric, value, detail
    )
    select
        gen_random_uuid(), m.measured_at - day * interval '1 day', m.table_schema, m.table_name, m.column_name,
        m.metric,
        case m.metric when 'freshness_seconds' then 3600 else m.value end
        * case m.metric when 'schema_hash' then 1 else 1 + 0.01 * ((day * 7) %% 5 - 2) end,
        m.detail
    from quality.measurements as m
    cross join generate_series(1, %s) as day
"""


class Told(NamedTuple):
    """What dbt says of a run.

    Attributes:
        succeeded: what its exit code would say.
        said: what it wrote for people, in one line.
    """

    succeeded: bool
    said: str


@dataclass(frozen=True)
class Project:
    """A database with a usual past, and a dbt project with its files."""

    database: str
    directory: Path
    files: Path

    def build(self, settings: Settings) -> Told:
        """Build what reads the customers, by dbt in this process: a start of its own takes longer than the build."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        lines: list[str] = []

        def on_event(event: Any) -> None:
            if event.info.level != "debug":
                lines.append(event.info.msg)

        places = ["--project-dir", str(self.directory), "--profiles-dir", str(self.directory / "profiles")]
        with pytest.MonkeyPatch.context() as monkeypatch:
            for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
                monkeypatch.delenv(name)
            place = self.files / urlsplit(str(settings.database_url)).path[1:] / self.directory.name
            for name, value in dbt_places("atlas", settings.database_url, place).items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("DBT_WRITE_JSON", "false")
            outcome = dbtRunner(callbacks=[on_event]).invoke(
                ["--quiet", "build", *places, "--select", "crm__customers", "customer_changes", "dim_customer"]
            )
        return Told(outcome.success, " ".join(f"{outcome.exception or ''} {' '.join(lines)}".split()))


def records(first: int, count: int = RECORDS, **changes: Any) -> list[dict[str, Any]]:
    """A usual day's changes, each of another customer."""
    return [
        {
            "customer_id": f"C-{number:05}",
            "name": f"Person {number}",
            "email": f"p{number}@example.org",
            "phone": None,
            "city": None if number % 20 == 0 else "Bergen",
            "country": "NO",
            "segment": ("consumer", "small_business")[number % 2],
            "credit_limit": 1000 + 10 * (number % 100),
            "is_active": True,
            "signed_up_on": "2020-01-01",
            "tags": [],
            "updated_at": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
            "op": "create",
        }
        | {name: change(number) for name, change in changes.items()}
        for number in range(first, first + count)
    ]


def land(settings: Settings, path: Path, delivered: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in delivered))
    with connect(settings) as connection:
        land_file(connection, load_sources(PROJECT)["crm.customers"], path)


@pytest.fixture(scope="module")
def usual(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Project:
    files = tmp_path_factory.mktemp("usual")
    project = Project(urlsplit(str(database.database_url)).path[1:], PROJECT, files)
    # What came before there were profiles, and then a usual day, the last delivery being the one that is profiled.
    land(database, files / "before.ndjson", records(1, 25 * RECORDS))
    land(database, files / "usual.ndjson", records(8001))
    done = project.build(database)
    assert done.succeeded, done.said
    with connect(database) as opened:
        # The first build has added all that came before, too.
        opened.execute("alter table quality.measurements disable trigger fixed_columns")
        opened.execute("update quality.measurements set value = %s where metric = 'rows_added'", [RECORDS])
        opened.execute("alter table quality.measurements enable always trigger fixed_columns")
        opened.execute(PAST, [DAYS])
    return project


def found(settings: Settings) -> dict[tuple[str, str, str | None], dict[str, Any]]:
    """The anomalies that last, by table, metric and column; nothing is said here of how fast the machine is."""
    with connect(settings) as connection:
        return {
            (a["table_name"], a["metric"], a["column_name"]): a
            for a in list_anomalies(connection)
            if a["metric"] != "run_seconds"
        }


def test_a_usual_day_is_none(usual: Project, make_database: Callable[[str | None], Settings]) -> None:
    settings = make_database(usual.database)
    land(settings, usual.files / "usual_too.ndjson", records(10001))
    done = usual.build(settings)
    assert done.succeeded, done.said
    assert found(settings) == {}
    with connect(settings) as connection:
        judged = "select count(*) > 10, bool_and(verdict is not null) from quality.measurements where run_id = ({})"
        last_run = "select run_id from quality.test_runs order by executed_at desc limit 1"
        assert connection.execute(judged.format(last_run).encode()).fetchone() == (True, True)


@pytest.mark.parametrize(
    ("delivered", "metric", "column", "words"),
    [
        ([], "freshness_seconds", None, f"Age of the newest data of {TABLE}: 3 days, expected at most"),
        ([records(10001, city=lambda _: None)], "null_share", "city", f"in {TABLE}.city: 100 %"),
        (
            [records(10001, credit_limit=lambda _: "plenty")],
            "quarantined_share",
            None,
            f"Share of records that are refused in {TABLE}: 100 %",
        ),
        (
            # The same file once more, in another order, or it would be recognised before it is read.
            [records(10001), records(10001)[::-1]],
            "duplicate_share",
            None,
            f"Share of records that had arrived before in {TABLE}: 50 %",
        ),
        (
            [records(10001, credit_limit=lambda number: 100 * (1000 + 10 * (number % 100)))],
            "mean",
            "credit_limit",
            f"Mean in {TABLE}.credit_limit: 149500, expected",
        ),
    ],
    ids=["stopped", "a column of nulls", "another type", "loaded twice", "another currency"],
)
def test_a_fault_is_named_within_one_run(
    usual: Project,
    make_database: Callable[[str | None], Settings],
    tmp_path: Path,
    delivered: list[list[dict[str, Any]]],
    metric: str,
    column: str | None,
    words: str,
) -> None:
    settings = make_database(usual.database)
    for number, file in enumerate(delivered):
        land(settings, tmp_path / f"{number}.ndjson", file)
    if not delivered:
        with connect(settings) as connection:
            connection.execute("update explore.batches set received_at = received_at - interval '3 days'")
    done = usual.build(settings)
    anomalies = found(settings)
    root = anomalies[TABLE, metric, column]
    assert root["upstream_anomaly"] is None
    # The run warns, in words.
    assert words in done.said, done.said
    assert done.succeeded, done.said
    # What it has made of the tables downstream is told as one that follows.
    assert all(a["upstream_table"] == TABLE for a in anomalies.values() if a["table_name"] != TABLE), anomalies
    if column is not None:
        followers = [a for a in anomalies.values() if a["upstream_anomaly"] == root["anomaly_id"]]
        assert {a["table_name"] for a in followers} >= {"chart.customer_changes"}, anomalies.keys()
        assert f"It follows anomaly {root['anomaly_id']}, in {TABLE}." in done.said


@pytest.mark.parametrize("guide", ["quality", "scores"])
def test_what_the_guides_tell_to_ask_can_be_asked(usual: Project, database: Settings, guide: str) -> None:
    text = (PROJECT / "docs" / "guides" / f"{guide}.md").read_text()
    statements = [part for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL) for part in block.split(";")]
    asked = [statement for statement in statements if statement.strip()]
    assert len(asked) >= 3
    with connect(database) as connection:
        for statement in asked:
            rows = connection.execute(statement.encode()).fetchall()
            # There has been one day, and no customer without an address.
            assert rows or "score_changes" in statement or "email is null" in statement, statement


def copied(usual: Project, severity: str) -> Project:
    """The project, with a severity for the source's volume."""
    directory = usual.files / f"project_{severity}"
    for name in ("models", "macros", "seeds", "snapshots", "profiles", "tests/dbt", "dbt_project.yml"):
        source, target = PROJECT / name, directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    path = directory / "models" / "explore" / "customers" / "_customers__sources.yml"
    text = path.read_text()
    assert text.count("            landing:\n") == 1
    declared = f"            quality: {{anomalies: {{rows_added: {severity}}}}}\n            landing:\n"
    path.write_text(text.replace("            landing:\n", declared))
    return Project(usual.database, directory, usual.files)


# Of the last run, what each hook at its end has left.
KEPT = """
    with last_run as (select run_id from quality.test_runs order by executed_at desc limit 1)

    select
        (select count(*) from quality.test_runs where run_id = l.run_id) > 0,
        (select count(*) from quality.column_profiles where run_id = l.run_id) > 0,
        (select count(*) from quality.measurements where run_id = l.run_id and verdict is not null) > 0,
        (select count(*) from quality.table_scores where scored_on = (now() at time zone 'UTC')::date) > 0,
        (select count(*) from quality.anomalies where last_run = l.run_id) > 0
    from last_run as l
"""


def test_half_of_the_rows_fail_a_run_if_that_is_declared_and_all_of_it_stays_on_record(
    usual: Project, make_database: Callable[[str | None], Settings]
) -> None:
    settings = make_database(usual.database)
    strict = copied(usual, "error")
    land(settings, usual.files / "half.ndjson", records(10001, RECORDS // 2))
    with connect(settings) as connection:
        connection.execute("truncate quality.table_scores")
        (before,) = connection.execute("select count(*) from quality.test_runs").fetchall()
    done = strict.build(settings)
    assert not done.succeeded, done.said
    assert f"Rows added in {TABLE}: 100, expected" in done.said
    assert (TABLE, "rows_added", None) in found(settings)
    with connect(settings) as connection:
        assert connection.execute("select count(*) > %s from quality.test_runs", before).fetchone() == (True,)
        assert connection.execute(KEPT).fetchone() == (True,) * 5
        # Whoever acknowledges it has the next run go on.
        connection.execute("select quality.give_feedback(anomaly_id, 'acknowledged') from quality.anomalies")
    land(settings, usual.files / "half_too.ndjson", records(20001, RECORDS // 2))
    assert strict.build(settings).succeeded


def test_a_severity_that_is_none_is_refused(usual: Project, make_database: Callable[[str | None], Settings]) -> None:
    done = copied(usual, "loud").build(make_database(usual.database))
    assert not done.succeeded
    assert "source.atlas.crm.customers (rows_added: loud): " in done.said
