"""What plain dbt leaves in schema quality: rules, results, scores and profiles, also of runs that fail."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from atlas.database import connect
from atlas.landing import land_file
from atlas.sources import load_sources
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]

# No value of the data may be found in schema quality. These are looked for, whatever their column declares.
PLANTED = ("Planted Person", "planted@example.org", "986543210", "1901-02-03", "planted-secret")
SOURCE = """
sources:
  - name: shop
    schema: explore
    tables:
      - name: visitors
        identifier: raw_shop__visitors
        config: {meta: {landing: {delivery: changes, key: [id], event_at: at}}}
        columns:
          - {name: id, data_type: integer, config: {meta: {required: true}}}
          - {name: at, data_type: timestamptz, config: {meta: {required: true}}}
          - {name: name, data_type: text}
          - {name: tax_number, data_type: numeric}
          - {name: born_on, data_type: date}
          - {name: colour, data_type: text, config: {meta: {classification: public}}}
"""
MODELS = {
    "visitors": "{{ config(materialized='table') }}\nselect * from explore.people",
    "visits": (
        "{{ config(materialized='incremental', incremental_strategy='append') }}\n"
        "select id from explore.people{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}"
    ),
    "seen": "{{ config(materialized='view') }}\nselect * from explore.people",
    "broken": "{{ config(materialized='table') }}\nselect name::integer as name from {{ ref('visitors') }}",
}
TESTS: dict[str, Any] = {
    "groups": [{"name": "shop", "owner": {"name": "Shop data", "email": "shop@example.org"}}],
    "models": [
        {
            "name": "visitors",
            "config": {"group": "shop"},
            "columns": [
                {
                    "name": "name",
                    "config": {"meta": {"classification": "confidential"}},
                    "data_tests": [
                        {"not_null": {"config": {"meta": {"quality_dimension": "completeness", "weight": 3}}}},
                        {
                            "accepted_values": {
                                "arguments": {"values": ["somebody"]},
                                "config": {"meta": {"quality_dimension": "validity"}},
                            }
                        },
                    ],
                },
                {"name": "email", "config": {"meta": {"classification": "confidential", "pii": "email"}}},
                {"name": "colour", "config": {"meta": {"classification": "public"}}},
                {
                    "name": "missing",
                    "data_tests": [{"not_null": {"config": {"meta": {"quality_dimension": "completeness"}}}}],
                },
            ],
        },
        {
            "name": "broken",
            "columns": [
                {
                    "name": "name",
                    "data_tests": [{"unique": {"config": {"meta": {"quality_dimension": "uniqueness"}}}}],
                }
            ],
        },
    ],
}


@pytest.fixture
def place(tmp_path: Path, project: Path, connection: Connection) -> Path:
    """A project with a source and four models, one of which can't be built, and the project's own macros."""
    place = tmp_path / "project"
    models = place / "models" / "chart"
    models.mkdir(parents=True)
    (place / "tests" / "dbt").mkdir(parents=True)
    for name in ("dbt_project.yml", "macros", "profiles", "migrations", "tests/dbt/generic"):
        (place / name).symlink_to(project / name)
    for name, text in MODELS.items():
        (models / f"{name}.sql").write_text(text)
    (models / "_tests.yml").write_text(json.dumps(TESTS))
    (models / "_sources.yml").write_text(SOURCE)
    connection.execute("""
        create table explore.people as
        select
            n as id, 'Planted Person' || n as name, 'planted@example.org' || n as email, 986543210 + n as tax_number,
            date '1901-02-03' as born_on, jsonb_build_object('note', 'planted-secret') as document,
            'colour ' || n % 3 as colour, now() as at
        from generate_series(1, 40) as n
    """)
    return place


@pytest.fixture
def dbt(place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run plain dbt on that project, in this process; what its exit code would be, and what it says."""
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in dbt_places("quality runs", settings.database_url, place.parent / "dbt").items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str]:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        lines: list[str] = []

        def on_event(event: Any) -> None:
            if event.info.level != "debug":
                lines.append(event.info.msg)

        options = ["--project-dir", str(place), "--profiles-dir", str(place / "profiles")]
        outcome = dbtRunner(callbacks=[on_event]).invoke([*arguments, *options])
        code = 2 if outcome.exception else 0 if outcome.success else 1
        return code, "\n".join([*lines, str(outcome.exception or "")])

    return run


def land(settings: Settings, place: Path, name: str, *records: dict[str, Any]) -> None:
    path = place / name
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    with connect(settings) as connection:
        land_file(connection, load_sources(place)["shop.visitors"], path)


def visitor(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "at": "2026-01-01T00:00:00Z",
        "name": f"Planted Person{number}",
        "tax_number": 986543210 + number,
        "born_on": "1901-02-03",
        "colour": "red",
    }


def texts_of_quality(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each row of each table of the schema, as text."""
    for (table,) in connection.execute(
        "select oid::regclass::text from pg_class"
        " where relnamespace = 'quality'::regnamespace and relkind in ('r', 'p')"
    ).fetchall():
        for (text,) in connection.execute(f"select t::text from {table} as t").fetchall():
            yield table, text


def test_what_runs_leave_behind(
    place: Path, connection: Connection, settings: Settings, dbt: Callable[..., tuple[int, str]]
) -> None:
    """One story in four runs, for starting dbt takes longer than all that is asked here."""
    ask = connection.execute
    land(settings, place, "one.ndjson", *(visitor(number) for number in range(30)))

    # 1. A build in which a test fails, one can't be asked, a model fails and its test is skipped.
    exit_code, output = dbt("build")
    assert exit_code == 1, output
    assert dict(ask("select test_name, status from quality.test_runs").fetchall()) == {
        "not_null_visitors_name": "pass",
        "accepted_values_visitors_name__somebody": "fail",
        "not_null_visitors_missing": "error",
        "unique_broken_name": "skipped",
    }
    assert ask(
        "select dimension, score, rules, rules_failed, rules_errored from quality.table_scores"
        " where table_name = 'visitors' order by dimension"
    ).fetchall() == [
        ("accuracy", None, 0, 0, 0),
        ("completeness", 100, 2, 0, 1),
        ("consistency", None, 0, 0, 0),
        ("overall", 50, 3, 1, 1),
        ("timeliness", None, 0, 0, 0),
        ("uniqueness", None, 0, 0, 0),
        ("validity", 0, 1, 1, 0),
    ]
    assert ask(
        "select score, rules_skipped from quality.table_scores where table_name = 'broken' and dimension = 'overall'"
    ).fetchone() == (None, 1)
    assert ask(
        "select check_name, table_schema, table_name, column_name, weight, severity, warn_if, error_if, owner, until"
        " from quality.rules where rule_name = 'not_null_visitors_name'"
    ).fetchall() == [("not_null", "chart", "visitors", "name", 3, "error", "!= 0", "!= 0", "Shop data", None)]
    profiled = "select table_name, min(row_count) from quality.column_profiles group by 1, run_id order by 1, run_id"
    assert ask(profiled).fetchall() == [("raw_shop__visitors", 30), ("visitors", 40), ("visits", 40)]

    # Every number that is judged later; nothing says how fast a run should be, so that one isn't looked at here.
    measured = (
        "select metric, value from quality.measurements where column_name is null and table_name = %s"
        " and metric not in ('run_seconds', 'freshness_seconds', 'schema_hash') order by measurement_id desc limit %s"
    )
    assert dict(ask(measured, ["raw_shop__visitors", 3]).fetchall()) == {
        "rows_added": 30,
        "duplicate_share": 0,
        "quarantined_share": 0,
    }
    assert dict(ask(measured, ["visitors", 2]).fetchall()) == {"row_count": 40, "failed_share": 0.25}
    assert ask(
        "select detail from quality.measurements where table_name = 'visits' and metric = 'schema_hash'"
    ).fetchone() == ({"id": "integer"},)

    # Values of public columns are kept, so that looking for the others is no empty gesture.
    assert ask(
        "select top_values from quality.column_profiles where column_name = 'colour' order by table_name"
    ).fetchall() == [
        ([{"rows": 30, "value": "red"}],),
        ([{"rows": 14, "value": "colour 1"}, {"rows": 13, "value": "colour 0"}, {"rows": 13, "value": "colour 2"}],),
    ]
    kept = list(texts_of_quality(connection))
    assert any("colour 1" in text for _, text in kept)
    assert [(table, value) for table, text in kept for value in PLANTED if value.lower() in text.lower()] == []

    # 2. The code changes: a rule goes, a rule weighs more, the broken model is mended. Ten more visitors come.
    changed = json.loads(json.dumps(TESTS))
    tests = changed["models"][0]["columns"]
    tests[0]["data_tests"][0]["not_null"]["config"]["meta"]["weight"] = 1
    del tests[0]["data_tests"][1], tests[3]
    (place / "models" / "chart" / "_tests.yml").write_text(json.dumps(changed))
    (place / "models" / "chart" / "broken.sql").write_text(MODELS["visitors"])
    known, unread = visitor(29), visitor(40) | {"born_on": "Planted Person's birthday"}
    land(settings, place, "two.ndjson", *(visitor(number) for number in range(30, 40)), known, unread)
    ask("truncate quality.column_profiles")
    ask(
        "insert into quality.measurements (run_id, measured_at, table_schema, table_name, metric, value)"
        " values (gen_random_uuid(), now() - interval '401 days', 'chart', 'of_old', 'row_count', 1)"
    )
    exit_code, output = dbt("build")
    assert exit_code == 0, output
    assert ask("select rule_name, weight, until is null from quality.rules order by rule_name, since").fetchall() == [
        ("accepted_values_visitors_name__somebody", 1, False),
        ("not_null_visitors_missing", 1, False),
        ("not_null_visitors_name", 3, False),
        ("not_null_visitors_name", 1, True),
        ("unique_broken_name", 1, True),
    ]
    assert ask("select from quality.measurements where table_name = 'of_old'").rowcount == 0
    # Of the twelve records that came, one had come before and one can't be read.
    assert dict(ask(measured, ["raw_shop__visitors", 3]).fetchall()) == {
        "rows_added": 10,
        "duplicate_share": pytest.approx(1 / 12),
        "quarantined_share": pytest.approx(1 / 12),
    }
    # Tables are made anew; the increment had nothing to add; of the source, what arrived since.
    assert ask(profiled).fetchall() == [("broken", 40), ("raw_shop__visitors", 10), ("visitors", 40)]

    # 3. What has gone comes back, and a run without tests profiles all the same.
    (place / "models" / "chart" / "_tests.yml").write_text(json.dumps(TESTS))
    ask("insert into explore.people (id, name) values (41, 'Planted Person41')")
    ask("truncate quality.column_profiles")
    tested = ask("select count(*) from quality.test_runs").fetchone()
    exit_code, output = dbt("run", "--select", "visits")
    assert exit_code == 0, output
    assert ask(profiled).fetchall() == [("visits", 41)]
    assert dict(ask(measured, ["visits", 2]).fetchall()) == {"row_count": 41, "rows_added": 1}
    # A source from which nothing comes is measured, too, for just that is news.
    assert ask(
        "select count(*), bool_and(value between 0 and 3600) from quality.measurements"
        " where metric = 'freshness_seconds' and table_name = 'raw_shop__visitors'"
    ).fetchone() == (3, True)
    assert ask("select count(*) from quality.test_runs").fetchone() == tested
    assert ask(
        "select count(*), count(until) from quality.rules where rule_name = 'accepted_values_visitors_name__somebody'"
    ).fetchone() == (2, 1)

    # 4. Tests alone; and rules that weren't asked are counted.
    ask("truncate quality.column_profiles")
    ask("truncate quality.table_scores")
    exit_code, output = dbt("test", "--select", "not_null_visitors_name")
    assert exit_code == 0, output
    ask("update quality.test_runs set executed_at = executed_at - interval '1 day' where status <> 'pass'")
    assert ask(
        "select score, rules from quality.table_scores where table_name = 'visitors' and dimension = 'completeness'"
    ).fetchone() == (100, 2)
    assert ask(profiled).fetchall() == []
    assert [t for t, text in texts_of_quality(connection) for value in PLANTED if value.lower() in text.lower()] == []
