"""Locks that are asked for so shortly that nobody queues behind them for long, and who stands in their way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from psycopg import errors, sql

from atlas.database import as_login

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
        coalesce(
            nullif(a.application_name, ''), a.backend_type,
            case when a.pid is null then 'a prepared transaction' else 'a session' end
        ),
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
    told: set[int | None] = set()
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
        tell_once(holders, told, "waits for", tell)
        if time.monotonic() + PAUSE_S > deadline:
            return False
        time.sleep(PAUSE_S)


def set_timeouts(connection: Connection[TupleRow], lock_ms: int, statement_ms: int) -> None:
    """Set the session's timeouts, in milliseconds; 0 is none."""
    while True:
        try:
            connection.execute(
                "select set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)",
                [str(lock_ms), str(statement_ms)],
            )
        except errors.QueryCanceled:  # the timeout that is to be lifted holds for this, too
            continue
        return


def who_holds(connection: Connection[TupleRow], tables: Sequence[int], modes: Sequence[str]) -> list[TupleRow]:
    """Who holds locks of these modes on tables, or makes partitions of them, as ``tell_once`` takes them."""
    with as_login(connection):
        return connection.execute(HOLDERS, {"tables": list(tables), "modes": list(modes)}).fetchall()


def tell_once(sessions: Sequence[TupleRow], told: set[int | None], what: str, tell: Callable[[str], None]) -> None:
    """Say which sessions are in the way, unless it has been said. Not what they do: a query may hold personal data.

    Args:
        sessions: of each its process (None for a prepared transaction), name, state, and seconds in its transaction.
        told: the processes that were named; those of ``sessions`` are added.
        what: how the sentence begins.
        tell: called with it.
    """
    new = [session for session in sessions if session[0] not in told]
    told.update(session[0] for session in new)
    names = [
        name if pid is None else f"{name} (process {pid}, {state or 'at work'} for {max(seconds or 0, 0)} s)"
        for pid, name, state, seconds in new
    ]
    if names:
        tell(f"{what} {', '.join(names)}")
