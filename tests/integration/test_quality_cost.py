"""What the end of a run sends to the database: as many statements for ten tables as for one, and for unchanged ones."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from atlas.database import connect
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

TABLES = 10
# Statements of the hooks at the end of a run, whatever it did: record, profile, measure (and forget), judge, report;
# and those of the inventory and the audit log's seal.
AT_THE_END = 7
HOOKS = ("record_run", "profile_tables", "measure_run", "judge_run")
MADE_ANEW = "{{ config(materialized='table') }} select n, 'text ' || n as t from generate_series(1, 50) as n"
# Reads nothing of itself, so that whoever does is found.
UNCHANGED = """
{{ config(materialized='incremental', incremental_strategy='append') }}
select n from generate_series(1, {{ 0 if is_incremental() else 50 }}) as n
"""
TESTS = "models: [{{name: {name}, columns: [{{name: n, data_tests: [not_null, unique]}}]}}]"
READS = "select coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0) from pg_stat_user_tables where relname like %s"


class Ended(NamedTuple):
    """The end of a run.

    Attributes:
        statements: those that dbt sent after its last model or test, but for begin and commit.
        functions: which of Atlas's functions they call.
        nodes: how many models and tests there were before.
    """

    statements: list[str]
    functions: Counter[str]
    nodes: int


@pytest.fixture(scope="module")
def place(database: Settings, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project of ten tables and ten increments, with the hooks of Atlas's own."""
    place = tmp_path_factory.mktemp("cost")
    models = place / "models" / "chart"
    models.mkdir(parents=True)
    (place / "tests").mkdir()
    for name in ("dbt_project.yml", "macros", "profiles", "migrations", "tests/dbt"):
        (place / name).symlink_to(project / name)
    for number in range(TABLES):
        for kind, text in (("anew", MADE_ANEW), ("unchanged", UNCHANGED)):
            (models / f"{kind}_{number}.sql").write_text(text)
            (models / f"{kind}_{number}.yml").write_text(TESTS.format(name=f"{kind}_{number}"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
            monkeypatch.delenv(name)
        for name, value in dbt_places("cost", database.database_url, place).items():
            monkeypatch.setenv(name, value)
        yield place


def dbt(place: Path, on_event: Callable[[Any], None], *arguments: str) -> bool:
    """Run dbt in this process; whether it succeeded."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    places = ("--project-dir", str(place), "--profiles-dir", str(place / "profiles"))
    return dbtRunner(callbacks=[on_event]).invoke(["--quiet", *arguments, *places]).success


def run(place: Path, *arguments: str) -> Ended:
    """Run dbt, and look at what it does after the last model or test."""
    statements: list[str] = []
    nodes = 0

    def on_event(event: Any) -> None:
        nonlocal nodes
        if event.info.name == "NodeFinished" and event.data.node_info.resource_type in {"model", "test"}:
            nodes += 1
            statements.clear()
        elif event.info.name == "SQLQuery":
            statements.append(event.data.sql)

    assert dbt(place, on_event, *arguments)
    sent = [text for text in statements if text.strip().lower().rstrip(";") not in {"begin", "commit"}]
    return Ended(sent, Counter(name for text in sent for name in HOOKS if f"quality.{name}(" in text), nodes)


@pytest.fixture(scope="module")
def connection(database: Settings) -> Iterator[Connection[TupleRow]]:
    with connect(database) as opened:
        yield opened


def count(connection: Connection[TupleRow], query: str, *arguments: Any) -> int:
    row = connection.execute(query.encode(), arguments).fetchone()
    assert row
    return int(row[0])


def reads(connection: Connection[TupleRow]) -> list[int]:
    """How often the tables of each kind have been read, once all who read them have gone and told so."""
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    while count(connection, others):
        time.sleep(0.05)
    return [count(connection, READS, name) for name in ("unchanged%", "anew%")]


def test_ten_tables_take_as_many_statements_as_one(place: Path, connection: Connection[TupleRow]) -> None:
    one = run(place, "build", "--select", "anew_0")
    profiles = "select count(distinct (run_id, table_name)) from quality.column_profiles"
    assert (one.nodes, count(connection, profiles)) == (3, 1)
    ten = run(place, "build")
    assert (ten.nodes, count(connection, profiles)) == (6 * TABLES, 1 + 2 * TABLES)
    assert len(one.statements) == len(ten.statements) == AT_THE_END, ten.statements
    assert one.functions == ten.functions == Counter(HOOKS)


def test_what_is_unchanged_is_neither_read_nor_profiled(place: Path, connection: Connection[TupleRow]) -> None:
    """Also the ten tables that aren't selected."""
    before = reads(connection)
    profiles = count(connection, "select count(*) from quality.column_profiles")
    unchanged = run(place, "run", "--select", "unchanged_*")
    assert unchanged.nodes == TABLES
    assert len(unchanged.statements) <= AT_THE_END, unchanged.statements
    assert reads(connection) == before
    assert count(connection, "select count(*) from quality.column_profiles") == profiles


def test_variables_that_make_no_sense_stop_a_run_before_it_builds(place: Path) -> None:
    said: list[str] = []
    wrong = '{profiled_rows: 0, measurements_kept_days: "400"}'
    assert not dbt(place, lambda event: said.append(event.info.msg), "run", "--select", "anew_0", "--vars", wrong)
    words = " ".join(" ".join(said).split())
    assert "vars: profiled_rows must be a whole number of 1 or more, and is 0." in words
    assert "vars: measurements_kept_days must be a whole number of 190 or more" in words
    assert 'and is "400".' in words
