"""``atlas scores``: for people, for scripts, and for those who mistype."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from landing_support import atlas

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow


def record(connection: psycopg.Connection[TupleRow], days_ago: int, failed: int) -> None:
    run_id = str(uuid.uuid4())
    usual = {
        "run_id": run_id,
        "table_schema": "navigate",
        "table_name": "dim_person",
        "column_name": "email",
        "severity": "error",
        "duration_ms": 1,
        "rows_tested": 100,
    }
    results: list[dict[str, Any]] = [
        {"test_name": "email_is_there", "dimension": "completeness", "status": "pass", "rows_failed": failed},
        {
            "test_name": "email_is_valid",
            "dimension": "validity",
            "status": "error" if failed else "pass",
            "rows_failed": 0,
        },
    ]
    filled = [usual | result | {"test": result["test_name"]} for result in results]
    connection.execute("select quality.record_test_runs(%s)", [json.dumps(filled)])
    connection.execute(
        "select pipeline.ensure_partitions('quality.test_runs', 'year', array[now() - make_interval(days => %s)])",
        [days_ago],
    )
    connection.execute(
        "update quality.test_runs set executed_at = executed_at - make_interval(days => %s) where run_id = %s",
        [days_ago, run_id],
    )
    connection.execute("select quality.score_tables(%s)", [run_id])


def test_scores_of_tables_and_what_moved_them(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow]
) -> None:
    assert b"No table has been scored yet" in atlas(environment, "scores").stdout
    record(connection, 3, failed=0)
    record(connection, 0, failed=20)

    shown = atlas(environment, "scores").stdout.decode()
    assert next(line.split() for line in shown.splitlines() if "navigate.dim_person" in line)[2:] == [
        *("80.00", "-", "-", "-", "-", "-", "80.00", "-20.00", "2", "1"),
    ]
    assert "errored" in shown.splitlines()[1], "a test that couldn't be asked is no pass"
    assert "skipped" not in shown.splitlines()[1]

    found = json.loads(atlas(environment, "scores", "--table", "dim_person", "--since", "2000-01-01", "--json").stdout)
    assert [(day["overall"], day["change"], day["validity"]) for day in found["scores"]] == [
        (80.0, -20.0, None),
        (100.0, None, 100.0),
    ]
    assert [(rule["rule"], rule["share"], rule["status"]) for rule in found["rules"]] == [
        ("email_is_valid", None, "error"),
        ("email_is_there", 80.0, "pass"),
    ]
    assert [(change["rule"], change["moved_by"]) for change in found["changes"]] == [
        ("email_is_there", -20.0),
        ("email_is_valid", None),
    ]

    for arguments, complaint in (
        (("--table", "nowhere.nothing"), b"No table 'nowhere.nothing' has been scored"),
        (("--since", "yesterday"), b"--since must be a day such as 2026-01-31, not 'yesterday'"),
    ):
        refused = atlas(environment, "scores", *arguments)
        assert (refused.returncode, complaint in refused.stderr) == (2, True), refused.stderr
