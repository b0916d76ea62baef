"""What the audit log costs those who write state, with its triggers and without; see docs/performance.md."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from bench.errors import BenchError
from bench.report import markdown_table, spread
from bench.server import running_server

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]

LARGEST_RATIO = 1.15

BASE = """
    insert into explore.source_systems (system) values ('bench');
    insert into explore.batches (
        system, entity, origin, source_name, format, delivery, content_sha256, content_bytes, contract_sha256, outcome,
        records_read, accepted, duplicate, quarantined, received_at
    )
    select
        'bench', 'things', 'file', 'things ' || n, 'ndjson', 'changes', sha256(n::text::bytea), 1, sha256(''), 'landed',
        1, 1, 0, 0, now()
    from generate_series(1, {batches}) as n;
    insert into explore.quarantine (batch_id, line, reason, detail, raw)
    select 1, n, 'wrong_type', 'total is no number',
        convert_to(repeat('{{"id": ' || n || ', "total": "many"}} ', 5), 'UTF8')
    from generate_series(1, {rows}) as n;
    insert into quality.measurements (run_id, table_schema, table_name, column_name, metric, value)
    select '00000000-0000-0000-0000-000000000000', 'navigate', 'table_' || n % 500, 'column_' || n / 500,
        'null_share', n
    from generate_series(1, {rows}) as n;
    create temporary table results as
    select jsonb_agg(jsonb_build_object(
        'run_id', '00000000-0000-0000-0000-000000000000', 'test', 'test.' || n, 'test_name', 'test_' || n,
        'table_schema', 'navigate', 'table_name', 'table_' || n % 500, 'column_name', 'column_' || n / 500,
        'dimension', 'completeness', 'severity', 'error', 'status', 'pass', 'rows_tested', n, 'rows_failed', 0,
        'duration_ms', 5
    )) as results
    from generate_series(1, {rows}) as n;
    analyze
"""
CLAIM = """
    insert into pipeline.batches_read (model, batch_id, run_id)
    select 'model.atlas.bench', b.batch_id, '00000000-0000-0000-0000-000000000000' from explore.batches as b
"""


@dataclass(frozen=True)
class Change:
    """A bulk change, as Atlas makes it, between what comes before and what undoes it."""

    what: str
    table: str
    statement: str
    undo: str
    before: str = "select"


CHANGES = [
    Change(
        "Refused records are resolved by a replay",
        "explore.quarantine",
        "update explore.quarantine set resolved_by = 2, resolved_at = statement_timestamp() where batch_id = 1",
        "update explore.quarantine set resolved_by = null, resolved_at = null",
    ),
    Change("A model claims batches", "pipeline.batches_read", CLAIM, "truncate pipeline.batches_read"),
    Change(
        "A full refresh gives batches back, and claims them anew",
        "pipeline.batches_read",
        f"delete from pipeline.batches_read where model = 'model.atlas.bench'; {CLAIM}",
        "truncate pipeline.batches_read",
        CLAIM,
    ),
    Change(
        "Measurements get their verdict",
        "quality.measurements",
        "update quality.measurements set verdict = 'normal', method = 'point', expected = value, low = value - 1,"
        " high = value + 1, deviation = 0.5, drift = 0",
        "update quality.measurements set verdict = null, method = null, expected = null, low = null, high = null,"
        " deviation = null, drift = null",
    ),
    Change(
        "Results of tests are recorded",
        "quality.test_runs",
        "select quality.record_test_runs(r.results) from pg_temp.results as r",
        "delete from quality.test_runs",
    ),
]


@dataclass(frozen=True)
class Cost:
    """Seconds of one change and its commit, a value for each round.

    Attributes:
        what: was changed.
        rows: that it changes.
        plain_s: without the log's triggers.
        audited_s: with them.
        kilobytes: that one round adds to the log.
    """

    what: str
    rows: int
    plain_s: list[float]
    audited_s: list[float]
    kilobytes: int

    @property
    def ratio(self) -> float:
        """How many times as long it takes with the log."""
        return median(self.audited_s) / median(self.plain_s)


def measure(rows: int, rounds: int, choice: str, workspace: Path, postgres_bin: Path | None) -> tuple[str, list[Cost]]:
    """Make each change ``rounds`` times with the log's triggers and without; returns the server's version, too.

    Raises:
        BenchError: something wasn't logged, or was though it shouldn't have been.
    """
    costs = []
    with running_server(choice, workspace, postgres_bin) as server, server.fresh_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(BASE.format(rows=rows, batches=rows).encode())
            for change in CHANGES:
                cost, size = Cost(change.what, rows, [], [], 0), 0
                for number in range(rounds + 1):
                    for audited in (False, True) if number % 2 else (True, False):
                        seconds, added = _time(connection, change, audited=audited)
                        size = max(size, added)
                        server.settle()
                        # The first round is for the cache.
                        if number:
                            (cost.audited_s if audited else cost.plain_s).append(seconds)
                costs.append(replace(cost, kilobytes=size // 1024))
        return server.version, costs


def as_markdown(version: str, costs: list[Cost]) -> str:
    """A table, a row for each change, and whether the goal is met."""
    table = markdown_table(
        ["change", "rows", "without, s", "with the log, s", "times as long", "log, KiB", "goal"],
        [
            [
                cost.what,
                f"{cost.rows:,}",
                spread(cost.plain_s, ".2f"),
                spread(cost.audited_s, ".2f"),
                f"{cost.ratio:.2f}",
                f"{cost.kilobytes:,}",
                "met" if cost.ratio <= LARGEST_RATIO else "**missed**",
            ]
            for cost in costs
        ],
    )
    return (
        f"{table}\n\nOne statement and its commit, with the log's triggers and without in turns, on PostgreSQL "
        f"{version}; medians, in brackets the least and the most. The goal: at most {LARGEST_RATIO:.2f} times as long."
    )


def as_dict(version: str, costs: list[Cost]) -> dict[str, Any]:
    """For --json."""
    return {"postgres": version, "costs": [asdict(cost) | {"ratio": cost.ratio} for cost in costs]}


def _time(connection: Connection, change: Change, *, audited: bool) -> tuple[float, int]:
    """Seconds that the change takes, and bytes that it adds to the log."""
    _switch(connection, change.table, on=False)
    connection.execute(change.before.encode())
    connection.execute(f"vacuum analyze {change.table}".encode())
    _switch(connection, change.table, on=audited)
    last, _ = _log_since(connection, 0)
    started = time.perf_counter()
    connection.execute(change.statement.encode())
    seconds = time.perf_counter() - started
    _switch(connection, change.table, on=False)
    connection.execute(change.undo.encode())
    _, size = _log_since(connection, last)
    if (size > 0) != audited:
        raise BenchError(f"{change.what}: {size} bytes were logged, with the triggers {'on' if audited else 'off'}.")
    return seconds, size


def _switch(connection: Connection, table: str, *, on: bool) -> None:
    for event in ("insert", "update", "delete", "truncate"):
        connection.execute(f"alter table {table} {'enable always' if on else 'disable'} trigger audit_{event}".encode())


def _log_since(connection: Connection, entry: int) -> tuple[int, int]:
    return connection.execute(
        "select coalesce(max(l.entry_id), 0), coalesce(sum(pg_column_size(l.*)), 0)::bigint"
        " from compliance.audit_log as l where l.entry_id > %s",
        [entry],
    ).fetchall()[0]
