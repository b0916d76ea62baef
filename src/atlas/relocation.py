"""Rows that lie in a catch-all partition get partitions of their own, while others read and write.

A catch-all can't be cut in two in place. So its rows are copied to tables that are to be partitions, in one transaction
and one snapshot; whatever changes in the catch-all from before that on, a trigger notes. Then, in one short transaction
under the table's exclusive lock, the noted changes are made in the copies, the catch-all is dropped, and the copies
are attached, which together hold its whole span. Before that transaction nothing is changed that anybody reads, and
after it everything is: a kill leaves tables that the next run removes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psycopg import DatabaseError, IsolationLevel, sql

from atlas.catch_alls import CatchAll, Piece, next_to_cut
from atlas.database import as_login
from atlas.errors import DataError
from atlas.locks import PAUSE_S, WRITING, TooSlowError, execute_briefly, tell_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

    Tell = Callable[[str], None]

# How many partitions are put in place under one lock: each takes some 5 ms in a table of 1,000.
MOST_PIECES = 9
# Readers that can't prune lock each partition of a table.
MOST_PARTITIONS = 1_000
# A catch-all that is counted again under the lock, since that takes no time.
FEW_ROWS = 20_000
MOST_RESTARTS = 5
MARK = "A copy that atlas partitions was making. It may be dropped."
SPAN_CHECK = sql.Identifier("atlas_span")
ROW_TRIGGER, TRUNCATE_TRIGGER = sql.Identifier("atlas_note_rows"), sql.Identifier("atlas_note_truncate")
# Conditions that the statements below raise by number.
CHANGED, NO_KEY, MISCOUNTED = "AT001", "AT002", "AT003"

LEFT_COPIES = """
    select n.nspname, c.relname
    from pg_catalog.pg_description as d
    inner join pg_catalog.pg_class as c on c.oid = d.objoid
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where
        d.classoid = 'pg_class'::regclass and d.objsubid = 0 and d.description = %s
        and c.relkind = 'r' and not c.relispartition
"""
LEFT_NOTES = """
    select notes.relname, n.nspname, catch_all.relname
    from pg_catalog.pg_class as notes
    left join pg_catalog.pg_class as catch_all on catch_all.oid::text = substring(notes.relname from '[0-9]+$')
    left join pg_catalog.pg_namespace as n on n.oid = catch_all.relnamespace
    where
        notes.relnamespace = 'pipeline'::regnamespace and notes.relkind = 'r'
        and notes.relname ~ '^changes_of_[0-9]+$'
"""
CREATE_COPY = "select pipeline.create_partition({table}, {granularity}, {span})::oid"
FIND_COPY = """
    select n.nspname, c.relname, pipeline.span_bounds({table}, {span})
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = {number}
"""
OLDER = """
    select
        pid, coalesce(nullif(application_name, ''), 'a session'), state,
        extract(epoch from clock_timestamp() - xact_start)::integer
    from pg_catalog.pg_stat_activity
    where
        datname = current_database()
        and pid <> pg_backend_pid()
        -- What kind of session another login's is, isn't told; that it is a login's is.
        and usesysid is not null
        and coalesce(backend_type, 'client backend') = 'client backend'
        and greatest(age(backend_xmin), age(backend_xid)) >= age(%s::xid8::xid)
    order by pid
"""
# Noted, and not in the copies yet: by transactions that the snapshot doesn't show.
NEW_NOTES = "from {notes} where not pg_visible_in_snapshot(atlas_xid, {snapshot}::pg_snapshot)"


class UndoneError(Exception):
    """Why rows stay where they are, as a sentence."""


class RestartError(Exception):
    """What has been copied is of no use any more."""


@dataclass(frozen=True)
class Copies:
    """The copies of a catch-all's rows.

    Attributes:
        tables: the table that is to be each piece's partition.
        bounds: as ATTACH PARTITION … FOR VALUES takes them.
        rows: how many were copied.
        snapshot: what the copies show.
        transaction: that made them.
    """

    tables: dict[Piece, sql.Identifier]
    bounds: dict[Piece, sql.SQL]
    rows: int
    snapshot: str
    transaction: str


def move_rows(
    connection: Connection[TupleRow], table: int, granularity: str, deadline: float, tell: Tell
) -> tuple[int, str | None]:
    """Give the rows in a table's catch-alls partitions of their own.

    Args:
        connection: in autocommit mode and UTC.
        table: the partitioned table's number.
        granularity: how long a partition is.
        deadline: by ``time.monotonic``; until then it waits for others.
        tell: called with whom it waits for.

    Returns:
        How many rows were moved, and a sentence on why others weren't.
    """
    moved, most_pieces, restarts = 0, MOST_PIECES, 0
    while (found := next_to_cut(connection, table, granularity, most_pieces)) is not None:
        catch_all, pieces, rows = found
        try:
            _check_room(connection, table, len(pieces))
            _move(connection, catch_all, pieces, deadline, tell)
        except UndoneError as undone:
            return moved, str(undone)
        except TooSlowError:
            most_pieces //= 2
            if most_pieces == 0:
                return moved, "the server is too slow now to put partitions in place while nobody waits for long"
        except RestartError:
            restarts += 1
            if restarts == MOST_RESTARTS:
                return moved, "it was altered or emptied again and again while rows were being copied"
        else:
            moved += rows
    return moved, None


def clear_leftovers(connection: Connection[TupleRow]) -> None:
    """Remove what a run that was killed or gave up has left: copies, notes, and the triggers that take them.

    What somebody holds is left for the next run; it does no harm.
    """
    now = time.monotonic()
    for name in connection.execute(LEFT_COPIES, [MARK]).fetchall():
        drop = sql.SQL("drop table if exists {}").format(sql.Identifier(*name))
        execute_briefly(connection, drop, [], now, _say_nothing)
    for notes, *catch_all in connection.execute(LEFT_NOTES).fetchall():
        statements: list[sql.Composable] = [
            sql.SQL("drop table if exists {}").format(sql.Identifier("pipeline", notes))
        ]
        if catch_all[1] is not None:
            drop_trigger = sql.SQL("drop trigger if exists {} on {}")
            # First, since whoever writes locks the catch-all, then its notes.
            statements[:0] = [
                drop_trigger.format(trigger, sql.Identifier(*catch_all)) for trigger in (ROW_TRIGGER, TRUNCATE_TRIGGER)
            ]
        execute_briefly(connection, _block(*statements), [], now, _say_nothing)


def _say_nothing(_: str) -> None:
    pass


def _check_room(connection: Connection[TupleRow], table: int, more: int) -> None:
    (count,) = connection.execute("select count(*) from pipeline.partition_spans(%s)", [table]).fetchall()[0]
    if count + more > MOST_PARTITIONS:
        raise UndoneError(f"with partitions for all rows of its catch-alls it would have more than {MOST_PARTITIONS:,}")


def _move(
    connection: Connection[TupleRow], catch_all: CatchAll, pieces: Sequence[Piece], deadline: float, tell: Tell
) -> None:
    """Put ``pieces`` in the place of a catch-all, or leave everything as it was."""
    both = [catch_all.table, catch_all.number]
    try:
        if not execute_briefly(connection, _watch(catch_all), both[1:], deadline, tell, WRITING):
            raise UndoneError("others write to its catch-all all the time; try it later")
        copies = _copy(connection, catch_all, pieces)
        _wait_for_older(connection, copies.transaction, deadline, tell)
        copies = _catch_up(connection, catch_all, copies)
        if not execute_briefly(connection, _put_in_place(catch_all, copies), both, deadline, tell):
            raise UndoneError("others hold it all the time; try it when they are through")
    except DatabaseError as error:
        raise _meaning(error) from error
    finally:
        clear_leftovers(connection)


def _watch(catch_all: CatchAll) -> sql.Composed:
    """Note changes from here on. Nobody is writing then: whatever was is committed, and in any later snapshot."""
    create_trigger = "create or replace trigger {} after {} on {} for each {} execute function {}()"
    function = sql.Identifier("pipeline", "note_catch_all_change")
    return _block(
        sql.SQL("lock table {} in share row exclusive mode").format(catch_all.name),
        sql.SQL("drop table if exists {}").format(catch_all.notes),
        sql.SQL(
            "create table {} as select null::xid8 as atlas_xid, null::text as atlas_change, own.* from {} as own"
            " with no data"
        ).format(catch_all.notes, catch_all.name),
        sql.SQL("alter table {} add column atlas_number bigint generated always as identity").format(catch_all.notes),
        sql.SQL(create_trigger).format(
            ROW_TRIGGER, sql.SQL("insert or update or delete"), catch_all.name, sql.SQL("row"), function
        ),
        sql.SQL(create_trigger).format(
            TRUNCATE_TRIGGER, sql.SQL("truncate"), catch_all.name, sql.SQL("statement"), function
        ),
        # Also for rows that replication brings.
        sql.SQL("alter table {} enable always trigger {}").format(catch_all.name, ROW_TRIGGER),
        sql.SQL("alter table {} enable always trigger {}").format(catch_all.name, TRUNCATE_TRIGGER),
    )


def _copy(connection: Connection[TupleRow], catch_all: CatchAll, pieces: Sequence[Piece]) -> Copies:
    """Copy the rows, all as of one snapshot."""
    tables: dict[Piece, sql.Identifier] = {}
    bounds: dict[Piece, sql.SQL] = {}
    copied = 0
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            snapshot, transaction, rows = connection.execute(
                sql.SQL(
                    "select pg_current_snapshot()::text, pg_current_xact_id()::text, (select count(*) from {})"
                ).format(catch_all.name)
            ).fetchall()[0]
            for piece in pieces:
                facts = {"table": catch_all.table, "granularity": catch_all.granularity, "span": piece.span}
                (number,) = connection.execute(sql.SQL(CREATE_COPY).format(**facts)).fetchall()[0]
                schema, table, bounds_text = connection.execute(
                    sql.SQL(FIND_COPY).format(**facts, number=number)
                ).fetchall()[0]
                name = tables[piece] = sql.Identifier(schema, table)
                bounds[piece] = sql.SQL(bounds_text)
                copied += connection.execute(
                    sql.SQL("insert into {} ({columns}) select {columns} from {} where {}").format(
                        name, catch_all.name, piece.holds(catch_all), columns=catch_all.columns
                    )
                ).rowcount
                # With it, attaching needs no look at the rows.
                connection.execute(
                    sql.SQL("alter table {} add constraint {} check ({} is not null and {})").format(
                        name, SPAN_CHECK, catch_all.field, piece.holds(catch_all)
                    )
                )
                connection.execute(sql.SQL("comment on table {} is {}").format(name, MARK))
            if copied != rows:
                raise DataError(f"Of {rows:,} rows in a catch-all, {copied:,} were copied; nothing was changed.")
    finally:
        connection.isolation_level = None
    for name in tables.values():
        connection.execute(sql.SQL("analyze {}").format(name))
    return Copies(tables, bounds, rows, snapshot, transaction)


def _wait_for_older(connection: Connection[TupleRow], transaction: str, deadline: float, tell: Tell) -> None:
    """Wait for those who look at the database as it was before the copies: to them, copied rows would be missing."""
    told: set[int | None] = set()
    while older := _older(connection, transaction):
        tell_once(older, told, "waits for transactions that began earlier:", tell)
        if time.monotonic() + PAUSE_S > deadline:
            raise UndoneError("others work all the time in transactions that began earlier; try it later")
        time.sleep(PAUSE_S)


def _older(connection: Connection[TupleRow], transaction: str) -> list[TupleRow]:
    with as_login(connection):
        return connection.execute(OLDER, [transaction]).fetchall()


def _catch_up(connection: Connection[TupleRow], catch_all: CatchAll, copies: Copies) -> Copies:
    """Make the changes noted so far in the copies, so that few are left to be made under the lock."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            (snapshot,) = connection.execute("select pg_current_snapshot()::text").fetchall()[0]
            connection.execute(_block(*_changes(catch_all, copies)))
    finally:
        connection.isolation_level = None
    return replace(copies, snapshot=snapshot)


def _changes(catch_all: CatchAll, copies: Copies) -> list[sql.Composable]:
    """Statements that make in the copies what has been noted since their snapshot."""
    new = sql.SQL(NEW_NOTES).format(notes=catch_all.notes, snapshot=copies.snapshot)
    statements: list[sql.Composable] = [
        _refuse_if(sql.SQL("select {} and atlas_change = 'lost'").format(new), CHANGED),
    ]
    if not catch_all.key:
        statements.append(_refuse_if(sql.SQL("select {} and atlas_change = 'remove'").format(new), NO_KEY))
    for piece, name in copies.tables.items():
        here = sql.SQL("{} and {}").format(new, piece.holds(catch_all))
        if not catch_all.key:
            statements.append(
                sql.SQL("insert into {} ({columns}) select {columns} {}").format(name, here, columns=catch_all.columns)
            )
            continue
        key = sql.SQL(", ").join(map(sql.Identifier, catch_all.key))
        # Of each key, what was noted last: the key holds the field, so that a key never leaves its piece.
        last = sql.SQL("(select distinct on ({key}) * {here} order by {key}, atlas_number desc)").format(
            key=key, here=here
        )
        statements += [
            sql.SQL("delete from {} where ({key}) in (select {key} {here})").format(name, key=key, here=here),
            sql.SQL("insert into {} ({columns}) select {columns} from {} as last where atlas_change = 'add'").format(
                name, last, columns=catch_all.columns
            ),
        ]
    return statements


def _put_in_place(catch_all: CatchAll, copies: Copies) -> sql.Composed:
    """The transaction under the exclusive lock."""
    statements: list[sql.Composable] = [
        # Whoever makes partitions holds this, and then locks the table. Waiting for it keeps nobody waiting.
        sql.SQL("perform pg_advisory_xact_lock(hashtextextended({}, 0))").format(
            f"pipeline.ensure_partitions {catch_all.table}"
        ),
        sql.SQL("lock table only {} in access exclusive mode").format(catch_all.parent),
        sql.SQL("lock table only {} in access exclusive mode").format(catch_all.name),
        _refuse_if(
            sql.SQL("select where {}::regclass::oid <> {} or {}::regclass::oid <> {}").format(
                catch_all.parent.as_string(), catch_all.table, catch_all.name.as_string(), catch_all.number
            ),
            CHANGED,
        ),
        *_changes(catch_all, copies),
    ]
    if copies.rows <= FEW_ROWS:
        counts = sql.SQL(" + ").join(
            sql.SQL("(select count(*) from {})").format(name) for name in copies.tables.values()
        )
        statements.append(
            _refuse_if(
                sql.SQL("select where {} <> (select count(*) from {})").format(counts, catch_all.name), MISCOUNTED
            )
        )
    statements.append(sql.SQL("drop table {}").format(catch_all.name))
    for piece, name in copies.tables.items():
        statements += [
            sql.SQL("alter table {} attach partition {} for values {}").format(
                catch_all.parent, name, copies.bounds[piece]
            ),
            sql.SQL("alter table {} drop constraint {}").format(name, SPAN_CHECK),
            sql.SQL("comment on table {} is null").format(name),
        ]
    return _block(*statements)


def _meaning(error: DatabaseError) -> Exception:
    if error.sqlstate == CHANGED:
        return RestartError()
    if error.sqlstate == NO_KEY:
        return UndoneError("rows of its catch-all are being changed, and it has no primary key to tell which")
    if error.sqlstate == MISCOUNTED:
        return DataError("The rows copied from a catch-all aren't as many as it holds; nothing was changed.")
    return error


def _refuse_if(query: sql.Composable, condition: str) -> sql.Composed:
    return sql.SQL("if exists ({}) then raise exception using errcode = {}, message = {}; end if").format(
        query, condition, f"atlas partitions: {condition}"
    )


def _block(*statements: sql.Composable) -> sql.Composed:
    """One statement that runs several: a transaction of its own, for which a timeout holds as a whole."""
    body = sql.SQL("begin {}; end").format(sql.SQL("; ").join(statements))
    return sql.SQL("do {}").format(body.as_string())
