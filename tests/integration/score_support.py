"""Results of tests as a run would record them, scored."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

USUAL = {
    "table_schema": "navigate",
    "table_name": "dim_person",
    "severity": "error",
    "status": "pass",
    "duration_ms": 1,
}


def record(connection: Connection[TupleRow], *results: dict[str, Any], days_ago: int = 0) -> None:
    """Record results of a run that was ``days_ago`` days ago, by its clock, and score what it tested."""
    run_id = str(uuid.uuid4())
    filled = [USUAL | {"run_id": run_id, "test": f"test.{result['test_name']}"} | result for result in results]
    assert connection.execute("select quality.record_test_runs(%s)", [json.dumps(filled)]).fetchone() == (len(filled),)
    if days_ago:
        connection.execute(
            "select pipeline.ensure_partitions('quality.test_runs', 'year', array[now() - make_interval(days => %s)])",
            [days_ago],
        )
        connection.execute(
            "update quality.test_runs set executed_at = executed_at - make_interval(days => %s) where run_id = %s",
            [days_ago, run_id],
        )
    connection.execute("select quality.score_tables(%s)", [run_id])
