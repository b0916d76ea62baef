"""Locks that are asked for so shortly that nobody queues behind them for long, and who stands in their way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from psycopg import errors, sql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

# Whoever asks for a table's exclusive lock makes all others queue behind. So the wait and the work behind it are cut
# off together, well before anybody has waited for 100 ms; then the others have their turn.
BRIEF_LOCK_TIMEOUT_MS = 40
BRIEF_STATEMENT_TIMEOUT_MS = 85
PAUSE_S = 0.4
# Nobody queues behind a lock that doesn't conflict with reading and writing.
PATIENT_LOCK_TIMEOUT_MS = 1_000

HOLDERS = """
    select distinct
        l.pid,
        coalesce(nullif(a.application_name, ''), a.backend_type, 'a prepared transaction'),
        a.state,
        extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change))::integer
    from pg_catalog.pg_locks as l
    left join pg_catalog.pg_stat_activity as a on a.pid = l.pid
    where
        l.granted
        and l.pid is distinct from pg_backend_pid()
        and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
        and (
            (l.locktype = 'relation' and l.relation = any(%(tables)s::oid[]) and l.mode = any(%(modes)s))
            or (
                l.locktype = 'advisory' and l.objsubid = 1
                and ((l.classid::bigint << 32) | l.objid::bigint) in (
                    select hashtextextended('pipeline.ensure_partitions ' || t.oid, 0)
                    from unnest(%(tables)s::oid[]) as t (oid)
                )
            )
        )
    order by 1
"""
EXCLUSIVE = ("ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
WRITING = ("RowExclusiveLock", *EXCLUSIVE)
ANY = ("AccessShareLock", "RowShareLock", *WRITING)


class TooSlowError(Exception):
    """Nobody was in the way, but the work couldn't be done in the time for which others may wait."""


def execute_briefly(
    connection: Connection[TupleRow],
    statement: sql.Composed,
    tables: Sequence[int],
    deadline: float,
    tell: Callable[[str], None],
    conflicting: Sequence[str] = ANY,
) -> bool:
    """Run one statement that locks ``tables``, as often as it takes, and never keep others waiting for 100 ms.

    Args:
        connection: in autocommit mode.
        statement: is a transaction of its own.
        tables: their numbers; whoever holds them is named.
        deadline: by ``time.monotonic``; until then it is tried again.
        tell: called with whom it waits for, when that changes.
        conflicting: modes of lock that conflict with the statement's.

    Returns:
        Whether it was run.

    Raises:
        TooSlowError: see there.
    """
    return _execute(
        connection, statement, (BRIEF_LOCK_TIMEOUT_MS, BRIEF_STATEMENT_TIMEOUT_MS), tables, deadline, tell, conflicting
    )


def execute_patiently(
    connection: Connection[TupleRow],
    statement: sql.Composed,
    tables: Sequence[int],
    deadline: float,
    tell: Callable[[str], None],
) -> bool:
    """As ``execute_briefly``, for statements whose locks let others read and write while they wait."""
    return _execute(connection, statement, (PATIENT_LOCK_TIMEOUT_MS, 0), tables, deadline, tell, EXCLUSIVE)


def _execute(
    connection: Connection[TupleRow],
    statement: sql.Composed,
    timeouts_ms: tuple[int, int],
    tables: Sequence[int],
    deadline: float,
    tell: Callable[[str], None],
    conflicting: Sequence[str],
) -> bool:
    told: list[str] = []
    unhindered = 0
    while True:
        set_timeouts(connection, *timeouts_ms)
        try:
            connection.execute(statement)
        except (errors.LockNotAvailable, errors.DeadlockDetected, errors.QueryCanceled) as error:
            set_timeouts(connection, 0, 0)
            holders = who_holds(connection, tables, conflicting)
            unhindered += not holders and isinstance(error, errors.QueryCanceled)
            if unhindered == 3:
                raise TooSlowError from error
        else:
            return True
        finally:
            set_timeouts(connection, 0, 0)
        if holders and holders != told:
            tell(f"waits for {', '.join(holders)}")
            told = holders
        if time.monotonic() + PAUSE_S > deadline:
            return False
        time.sleep(PAUSE_S)


def set_timeouts(connection: Connection[TupleRow], lock_ms: int, statement_ms: int) -> None:
    """Set the session's timeouts, in milliseconds; 0 is none."""
    connection.execute(
        "select set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)",
        [str(lock_ms), str(statement_ms)],
    )


def who_holds(connection: Connection[TupleRow], tables: Sequence[int], modes: Sequence[str]) -> list[str]:
    """Who holds locks of these modes on tables, or makes partitions of them: what each is, and since when."""
    found = connection.execute(HOLDERS, {"tables": list(tables), "modes": list(modes)}).fetchall()
    return [describe(*row) for row in found]


def describe(pid: int | None, name: str, state: str | None, seconds: int | None) -> str:
    """A session, without what it says: a query may hold personal data."""
    if pid is None:
        return name
    return f"{name} (process {pid}, {state or 'at work'}{'' if seconds is None else f' for {max(seconds, 0)} s'})"
