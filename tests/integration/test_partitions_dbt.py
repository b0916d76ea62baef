"""Partitions of dbt's models, by plain dbt: made in the model's transaction, also while others look after them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from landing_support import atlas
from partition_support import FACTS, checked, leftovers, lying_in, maintained, spans
from psycopg.rows import TupleRow

from atlas.database import connect
from atlas.migrate import migrate
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from atlas.settings import Settings

    Dbt = Callable[..., str | None]

Connection = psycopg.Connection[TupleRow]

MODEL = """
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='id',
    partition_by={'field': 'at', 'granularity': 'year', 'ahead': 2}
) }}
select id, "at", note from explore.things
{% if is_incremental() %} where id > (select coalesce(max(id), 0) - 2 from {{ this }}) {% endif %}
"""
YAML = """
models:
  - name: fct_thing
    constraints: [{type: primary_key, columns: [id, at]}]
    columns:
      - {name: id, data_type: bigint}
      - {name: at, data_type: FIELD_TYPE, constraints: [{type: not_null}], config: {meta: {classification: public}}}
      - {name: note, data_type: text}
"""


@pytest.fixture
def place(tmp_path: Path, project: Path, connection: Connection) -> Path:
    """A project with one model, and the project's own macros."""
    place = tmp_path / "project"
    models = place / "models" / "navigate"
    models.mkdir(parents=True)
    for name in ("dbt_project.yml", "macros", "profiles", "migrations"):
        (place / name).symlink_to(project / name)
    (models / "fct_thing.sql").write_text(MODEL)
    (models / "fct_thing.yml").write_text(YAML.replace("FIELD_TYPE", "date"))
    connection.execute("create table explore.things (id bigint, at date, note text)")
    return place


def command(place: Path, *arguments: str) -> list[str]:
    """Arguments of a run of plain dbt on that project."""
    return ["run", *arguments, "--project-dir", str(place), "--profiles-dir", str(place / "profiles")]


@pytest.fixture
def environment(environment: dict[str, str], settings: Settings, place: Path) -> dict[str, str]:
    """The environment of a user of that project."""
    return environment | dbt_places("one model", settings.database_url, place.parent / "one model")


@pytest.fixture
def dbt(place: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Dbt:
    """Run dbt in this process, which has loaded it already; gives what it complains of."""
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        if name.startswith(("ATLAS_", "DBT_")):
            monkeypatch.setenv(name, value)

    def run(*arguments: str) -> str | None:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        outcome = dbtRunner().invoke(["--quiet", *command(place, *arguments)])
        results = getattr(outcome.result, "results", [])
        return None if outcome.success else f"{outcome.exception} {[result.message for result in results]}"

    return run


def succeed(complaint: str | None) -> None:
    assert complaint is None, complaint


def add(connection: Connection, *rows: tuple[int, str]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("insert into explore.things values (%s, %s, 'x')", rows)


def content(connection: Connection, table: str = FACTS) -> list[tuple[Any, ...]]:
    return connection.execute(f"select id, at::text from {table} order by 1, 2").fetchall()


def test_a_model_is_built_rebuilt_and_maintained(
    connection: Connection, settings: Settings, dbt: Dbt, place: Path
) -> None:
    (year,) = connection.execute("select extract(year from now() at time zone 'UTC')::int").fetchall()[0]
    add(connection, (1, f"{year - 3}-12-31"), (2, f"{year - 1}-01-01"), (3, "0001-01-01"), (4, "1965-06-06"))
    add(connection, (5, "infinity"), (6, "300000-01-01"))
    succeed(dbt())
    rule = connection.execute("select * from pipeline.partition_rules where table_name = 'fct_thing'").fetchall()
    assert rule == [("navigate_base", "fct_thing", "year", 2, None)]
    years = {name.rpartition("_")[2] for name in spans(connection)}
    assert years == {str(year + n) for n in (-3, -1, 0, 1, 2)} | {"1970", "2100"}
    assert checked(connection).complaints == [
        f"no partition from {year - 2}-01-01 to {year - 1}-01-01",
        "4 rows in catch-alls",
    ]

    add(connection, (7, f"{year - 7}-05-05"))
    succeed(dbt())
    assert lying_in(connection)[f"{FACTS}_{year - 7}"] == 1
    outcome = maintained(settings)
    assert (outcome.made, outcome.moved, outcome.undone) == (4, 2, [])
    assert content(connection) == content(connection, "explore.things")

    # An increment replaces rows that were moved, and finds a place for one that lies between two of them.
    connection.execute("update explore.things set id = 8 where id = 4")
    add(connection, (9, "1966-01-01"))
    succeed(dbt())
    assert lying_in(connection)[f"{FACTS}_1965"] == 2
    assert maintained(settings).moved == 1
    assert lying_in(connection)[f"{FACTS}_1966"] == 1

    succeed(dbt("--full-refresh"))
    assert content(connection) == content(connection, "explore.things")
    assert any(name.rpartition("_")[2] not in years for name in spans(connection)), "names were free"
    assert maintained(settings).moved == 3
    assert checked(connection).complaints == ["2 rows in catch-alls"]
    assert content(connection, "navigate.fct_thing") == content(connection, "explore.things")

    # The start of a run makes what is due in all tables, whoever it builds.
    (due,) = connection.execute(
        "select child::text from pipeline.partition_spans('quality.test_runs'::regclass)"
        " where span @> now() + interval '1 year'"
    ).fetchall()
    connection.execute(f"drop table {due[0]}")
    # Another granularity counts from the next run on, without a rebuild.
    model = place / "models" / "navigate" / "fct_thing.sql"
    model.write_text(MODEL.replace("'year', 'ahead': 2", "'quarter', 'ahead': 16"))
    add(connection, (10, f"{year + 4}-05-05"))
    succeed(dbt())
    assert lying_in(connection)[f"{FACTS}_{year + 4}q2"] == 1
    assert checked(connection).complaints[:-1] == []
    assert due[0] in spans(connection, "quality.test_runs")


def test_other_types_and_odd_columns(connection: Connection, dbt: Dbt, place: Path) -> None:
    models = place / "models" / "navigate"
    column = "Wörd 'at'"
    types = {"fct_thing": "timestamp with time zone", "fct_thong": "timestamp"}
    for name, field_type in types.items():
        model = MODEL.replace('"at"', f'"at"::{field_type} as "{column}"').replace(
            "'field': 'at'", f'"field": "{column}"'
        )
        yaml = YAML.replace("FIELD_TYPE", field_type).replace("[id, at]", """[id, '"Wörd ''at''"']""")
        (models / f"{name}.sql").write_text(model)
        (models / f"{name}.yml").write_text(
            yaml.replace("name: at,", f'name: "{column}", quote: true,').replace("fct_thing", name)
        )
    connection.execute("alter table explore.things alter column at type timestamptz")
    add(
        connection,
        (1, "2019-12-31 23:59:59.999999+00"),
        (2, "2020-01-01 00:00+00"),
        (3, "-infinity"),
        (4, "1969-12-31"),
    )
    succeed(dbt())
    add(connection, (5, "2018-12-31 23:30-01"))
    succeed(dbt())
    for name in types:
        table = f"navigate_base.{name}"
        assert lying_in(connection, table) == {f"{table}_before_1970": 2, f"{table}_2019": 2, f"{table}_2020": 1}


def test_rebuilt_again_and_again_while_partitions_are_looked_after(
    connection: Connection, settings: Settings, dbt: Dbt, environment: dict[str, str], place: Path
) -> None:
    add(connection, *((number, f"19{number % 50 + 20}-05-05") for number in range(1, 400)), (400, "2020-01-01"))
    succeed(dbt())
    moved = 0
    for _ in range(2):
        rebuild = subprocess.Popen(
            [sys.executable, "-m", "dbt.cli.main", *command(place, "--full-refresh")],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while rebuild.poll() is None:
            answer = atlas(environment, "partitions", "--wait", "3", "--json")
            assert answer.returncode in (0, 1), answer.stderr
            outcome = next((s for s in json.loads(answer.stdout) if s["table"] == FACTS), None)
            moved += outcome["moved"] if outcome else 0
            with connect(settings) as own:
                assert own.execute("select count(*) from navigate.fct_thing").fetchone() == (400,)
        output, _ = rebuild.communicate(timeout=120)
        assert rebuild.returncode == 0, output
    assert moved > 0
    assert maintained(settings).undone == []
    assert checked(connection).complaints == []
    assert leftovers(connection) == []
    assert content(connection) == content(connection, "explore.things")


def test_wrong_declarations_stop_the_run(connection: Connection, dbt: Dbt, place: Path) -> None:
    complaints = {
        "{'field': 'at', 'period': 'year'}": "must be a mapping that knows only field, granularity, ahead, keep.",
        "{'field': 'on', 'granularity': 'year'}": "field must be one of the model's declared columns.",
        "{'field': 'at'}": "granularity must be month, quarter or year.",
        "{'field': 'at', 'granularity': 'year', 'ahead': 1.5}": "ahead must be a whole number from 0 to 120.",
        "{'field': 'at', 'granularity': 'year', 'keep': 0}": "keep must be a whole number above 0, or left out.",
        "'year'": "must be a mapping that knows only field, granularity, ahead, keep.",
    }
    models = place / "models" / "navigate"
    for number, declared in enumerate(complaints):
        model = MODEL.replace("{'field': 'at', 'granularity': 'year', 'ahead': 2}", declared)
        (models / f"fct_{number}.sql").write_text(model)
        (models / f"fct_{number}.yml").write_text(YAML.replace("FIELD_TYPE", "date").replace("thing", str(number)))
    (models / "fct_internal.sql").write_text(MODEL)
    internal = YAML.replace("FIELD_TYPE", "date").replace("thing", "internal").replace("public", "internal")
    (models / "fct_internal.yml").write_text(internal)
    output = dbt()
    assert output is not None
    assert "model.atlas.fct_internal: partition_by's field must be public," in output
    for number, complaint in enumerate(complaints.values()):
        assert f"model.atlas.fct_{number}: partition_by" in output
        assert complaint in output
    assert "model.atlas.fct_thing" not in output
    assert connection.execute("select to_regclass(%s)", [FACTS]).fetchone() == (None,)


pytestmark = pytest.mark.usefixtures("cleared")


def test_what_was_built_before_declares_itself_on_the_way_up(empty_settings: Settings, project: Path) -> None:
    migrate(empty_settings, "0004")
    with connect(empty_settings) as connection:
        connection.execute(f"create table {FACTS} (at date) partition by range (at)")
        connection.execute("create table navigate_base.fct_monthly (at date) partition by range (at)")
        connection.execute("select explore.create_landing_table('crm', 'things')")
        for table, period in ((FACTS, "year"), ("navigate_base.fct_monthly", "month")):
            connection.execute("select pipeline.ensure_partitions(%s, %s, '{2020-05-05}')", [table, period])
        migrate(empty_settings)
        rules = connection.execute("select * from pipeline.partition_rules order by 1, 2").fetchall()
        assert rules == [
            ("compliance", "audit_log", "quarter", 1, None),
            ("explore", "raw_crm__things", "month", 3, None),
            ("navigate_base", "fct_monthly", "month", 1, None),
            ("navigate_base", "fct_thing", "year", 1, None),
            ("quality", "column_profiles", "year", 1, None),
            ("quality", "test_runs", "year", 1, None),
        ]
        assert maintained(empty_settings).undone == []
        assert checked(connection).complaints == []
