"""Runs and their tasks, as ``pipeline.pipeline_runs`` and ``pipeline.task_runs`` keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from atlas import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Literal

    from psycopg import Connection
    from psycopg.rows import TupleRow

RUN_LOCK = "atlas run "


class Task(NamedTuple):
    """One step of a run. Times are UTC and None for what was skipped; ``rows_affected`` None where nobody says."""

    task: str
    kind: str
    status: Literal["succeeded", "warned", "failed", "skipped"]
    started_at: datetime | None
    finished_at: datetime | None
    rows_affected: int | None
    message: str | None


def start_run(connection: Connection[TupleRow], run_id: str, pipeline: str, arguments: str) -> None:
    """Record that a run begins, and close those that were killed.

    A run holds a lock for as long as its connection lives: one that is marked as running and isn't locked is dead.
    """
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [RUN_LOCK + run_id])
    connection.execute(
        """
        update pipeline.pipeline_runs
        set status = 'interrupted', finished_at = clock_timestamp(), message = 'It ended without a word.'
        where
            status = 'running'
            and pg_try_advisory_xact_lock(hashtextextended(%s || run_id::text, 0))
        """,
        [RUN_LOCK],
    )
    connection.execute(
        "insert into pipeline.pipeline_runs (run_id, pipeline, status, arguments, atlas_version)"
        " values (%s, %s, 'running', %s, %s)",
        [run_id, pipeline, arguments, __version__],
    )


def finish_run(
    connection: Connection[TupleRow], run_id: str, tasks: Iterable[Task], *, failed: bool, message: str | None = None
) -> None:
    """Record how a run ended, with its tasks."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "insert into pipeline.task_runs"
            " (run_id, task, kind, status, started_at, finished_at, rows_affected, message)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(run_id, *task) for task in tasks],
        )
        cursor.execute(
            "update pipeline.pipeline_runs set status = %s, finished_at = clock_timestamp(), message = %s"
            " where run_id = %s",
            ["failed" if failed else "succeeded", message, run_id],
        )
    connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [RUN_LOCK + run_id])
