"""Partitions: what each table is to have, what is missing, and making and dropping them while others work."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from psycopg import errors, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from atlas.errors import UsageError
from atlas.locks import PAUSE_S, TooSlowError, execute_briefly, execute_patiently
from atlas.relocation import MOST_PARTITIONS, clear_leftovers, move_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import LiteralString

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.sources import Source

    Tell = Callable[[str], None]

GRANULARITIES = ("month", "quarter", "year")
KNOWN_RULE = ("granularity", "ahead", "keep")
LARGEST_AHEAD = 120
MAINTENANCE_LOCK = "atlas partitions"
# So many new tables a transaction: each takes places in the server's lock table until it commits.
MADE_TOGETHER = 50
MOST_REBUILDS = 10

STATE = """
    with declared as (
        select *
        from jsonb_to_recordset(%(declared)s) as d (
            table_schema text, table_name text, granularity text, ahead integer, keep integer
        )
    ),

    rules as (
        select * from declared
        union all
        select * from pipeline.partition_rules as r
        where not exists (
            select from declared as d where d.table_schema = r.table_schema and d.table_name = r.table_name
        )
    ),

    tables as (
        select
            c.oid, n.nspname as table_schema, c.relname as table_name, r.granularity, r.ahead, r.keep,
            p.partdefid <> 0 as has_default,
            lower(pipeline.period_of(r.granularity, now())) as present,
            lower(pipeline.period_of(r.granularity, now())) - r.keep * pipeline.length_of(r.granularity) as kept_from,
            lower(pipeline.period_of(r.granularity, now()))
            + (r.ahead + 1) * pipeline.length_of(r.granularity) as due_to
        from pg_catalog.pg_partitioned_table as p
        inner join pg_catalog.pg_class as c on c.oid = p.partrelid
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        left join rules as r on r.table_schema = n.nspname and r.table_name = c.relname
        where
            n.nspname in ('explore', 'chart', 'navigate_base', 'pipeline', 'quality')
            and not c.relispartition
            -- What dbt is building, or about to drop.
            and c.relname not like '%%\\_\\_dbt\\_%%'
    ),

    spans as materialized (
        select
            t.oid, s.child, s.span, pipeline.is_catch_all(s.span, coalesce(t.granularity, 'year')) as is_catch_all,
            s.span && '[1970-01-01 00:00:00+00, 2100-01-01 00:00:00+00)'::tstzrange as is_plausible
        from tables as t
        cross join lateral pipeline.partition_spans(t.oid) as s
    ),

    cut as (
        select
            s.oid,
            count(*) as partitions,
            range_agg(s.span) as covered,
            min(lower(s.span)) filter (where s.is_plausible and not s.is_catch_all) as first_moment
        from spans as s
        group by s.oid
    )

    select
        t.oid, t.table_schema, t.table_name, t.granularity, t.ahead, t.keep, t.has_default,
        coalesce(c.partitions, 0) as partitions,
        array(
            select array[lower(g.gap)::text, upper(g.gap)::text]
            from unnest(
                tstzmultirange(tstzrange(greatest(least(c.first_moment, t.present), t.kept_from), t.due_to))
                - coalesce(c.covered, '{}')
            ) as g (gap)
            where t.granularity is not null
        ) as gaps,
        array(
            select s.child::oid
            from spans as s
            where s.oid = t.oid and not s.is_catch_all and upper(s.span) <= t.kept_from
            order by s.span
        ) as beyond_keep
    from tables as t
    left join cut as c on c.oid = t.oid
    order by t.table_schema, t.table_name
"""
CATCH_ALL_ROWS = """
    select table_name::regclass::oid, sum(row_count)::bigint from pipeline.catch_all_rows() group by 1
"""


@dataclass(frozen=True)
class PartitionRule:
    """How a table is partitioned.

    Attributes:
        granularity: ``month``, ``quarter`` or ``year`` (UTC).
        ahead: how many periods after the present one are made in advance.
        keep: how many periods before the present one are kept; None for all.
    """

    granularity: str
    ahead: int
    keep: int | None


LANDING_RULE = PartitionRule("month", ahead=3, keep=None)


def read_rule(declared: Any, where: str) -> PartitionRule:
    """A source's ``partition_by``, with ``LANDING_RULE`` for what it leaves out.

    Raises:
        UsageError: it is wrong; says where and what.
    """
    if not isinstance(declared, dict) or not declared.keys() <= set(KNOWN_RULE):
        raise UsageError(f"{where}: partition_by must be a mapping that knows only {', '.join(KNOWN_RULE)}.")
    rule = PartitionRule(**(asdict(LANDING_RULE) | declared))
    if rule.granularity not in GRANULARITIES:
        raise UsageError(f"{where}: partition_by's granularity must be {', '.join(GRANULARITIES[:-1])} or year.")
    if type(rule.ahead) is not int or not 0 <= rule.ahead <= LARGEST_AHEAD:
        raise UsageError(f"{where}: partition_by's ahead must be a whole number from 0 to {LARGEST_AHEAD}.")
    if rule.keep is not None and (type(rule.keep) is not int or rule.keep < 1):
        raise UsageError(f"{where}: partition_by's keep must be a whole number above 0, or left out.")
    return rule


def make_for_landing(connection: Connection[TupleRow], table: str, rule: PartitionRule, moment: datetime) -> None:
    """Declare a landing table's rule, and make its partitions for a moment and those ahead of it, where missing."""
    connection.execute(
        "select pipeline.declare_partitions('explore', %s, %s, %s, %s)",
        [table, rule.granularity, rule.ahead, rule.keep],
    )
    connection.execute(
        "select pipeline.ensure_partitions(%s::regclass, %s, pipeline.moments_due(%s, %s, %s))",
        [f"explore.{table}", rule.granularity, rule.granularity, rule.ahead, moment],
    )


@dataclass(frozen=True)
class PartitionedTable:
    """What there is of a partitioned table's partitions, and what isn't.

    Attributes:
        oid: its number in the catalogue.
        table: schema and name.
        granularity: None if nobody declared how it is to be partitioned, as are ``ahead`` and ``keep`` then.
        partitions: how many there are, catch-alls included.
        gaps: periods without a partition, as pairs of times: between two that are there, or up to those due ahead.
        catch_all_rows: how many rows lie in catch-alls.
        beyond_keep: numbers of partitions whose time is over.
        has_default: whether it has a DEFAULT partition, which Atlas never makes.
    """

    oid: int
    table: str
    granularity: str | None
    ahead: int | None
    keep: int | None
    partitions: int
    gaps: list[tuple[str, str]]
    catch_all_rows: int
    beyond_keep: list[int]
    has_default: bool

    @property
    def complaints(self) -> list[str]:
        """What is wrong, as sentences."""
        found = [f"no partition from {begin[:10]} to {end[:10]}" for begin, end in self.gaps]
        if self.catch_all_rows:
            found.append(f"{self.catch_all_rows:,} rows in catch-alls")
        if self.granularity is None:
            found.append("nobody has declared how it is to be partitioned")
        if self.has_default:
            found.append("it has a DEFAULT partition, beside which none can be made while others read")
        return found


def read_partitions(connection: Connection[TupleRow], sources: Mapping[str, Source]) -> list[PartitionedTable]:
    """What there is of all partitioned tables, by what is declared now; writes nothing."""
    declared = [
        {"table_schema": "explore", "table_name": source.landing_table, **asdict(source.partitions)}
        for source in sources.values()
    ]
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(STATE, {"declared": Jsonb(declared)}).fetchall()
    rows = _catch_all_rows(connection)
    return [
        PartitionedTable(
            table=f"{row.pop('table_schema')}.{row.pop('table_name')}",
            gaps=[(begin, end) for begin, end in row.pop("gaps")],
            catch_all_rows=rows.get(row["oid"], 0),
            **row,
        )
        for row in found
    ]


def _catch_all_rows(connection: Connection[TupleRow]) -> dict[int, int]:
    for _ in range(MOST_REBUILDS):
        try:
            return dict(connection.execute(CATCH_ALL_ROWS).fetchall())
        except errors.UndefinedTable:  # dbt has replaced a table between its being found and its being read
            continue
    return {}


@dataclass
class Outcome:
    """What was done to a table.

    Attributes:
        table: schema and name.
        made: partitions made because they were missing.
        moved: rows moved from catch-alls to partitions of their own.
        dropped: names of partitions that were dropped.
        undone: sentences on what couldn't be done; the next run tries it again.
    """

    table: str
    made: int = 0
    moved: int = 0
    dropped: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)


def maintain(
    connection: Connection[TupleRow],
    sources: Mapping[str, Source],
    tell: Tell,
    *,
    wait_s: float,
    drop_old: Sequence[str] = (),
) -> list[Outcome]:
    """Make what is missing, move what lies in catch-alls, drop what is asked for; an outcome a table.

    Args:
        connection: in autocommit mode and UTC.
        sources: as declared; their landing tables' rules are kept.
        tell: called with whom it waits for.
        wait_s: how long it may wait for others at each table, in seconds.
        drop_old: tables whose partitions beyond ``keep`` are dropped, rows and all.

    Raises:
        UsageError: ``drop_old`` names what has no ``keep``, or isn't there; nothing was done.
    """
    _wait_for_other_runs(connection, tell)
    try:
        tables = read_partitions(connection, sources)
        _check_drops(tables, drop_old)
        for source in sources.values():
            rule = source.partitions
            connection.execute(
                "select pipeline.declare_partitions('explore', %s, %s, %s, %s)",
                [source.landing_table, rule.granularity, rule.ahead, rule.keep],
            )
        clear_leftovers(connection)
        return [_maintain_table(connection, table, tell, wait_s, drop=table.table in drop_old) for table in tables]
    finally:
        connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [MAINTENANCE_LOCK])


def _wait_for_other_runs(connection: Connection[TupleRow], tell: Tell) -> None:
    told = False
    while not _one(connection, "select pg_try_advisory_lock(hashtextextended(%s, 0))", MAINTENANCE_LOCK):
        if not told:
            tell("waits for another run of atlas partitions")
            told = True
        # A statement that waits would count as an older transaction, for which the other run waits.
        time.sleep(PAUSE_S)


def _check_drops(tables: Sequence[PartitionedTable], drop_old: Sequence[str]) -> None:
    keeping = {table.table: table.keep for table in tables}
    for name in drop_old:
        if name not in keeping:
            raise UsageError(f"There is no partitioned table {name!r}. There are: {', '.join(keeping) or 'none'}.")
        if keeping[name] is None:
            raise UsageError(f"{name} declares no keep in its partition_by, so nothing of it is old.")


def _maintain_table(
    connection: Connection[TupleRow], table: PartitionedTable, tell: Tell, wait_s: float, *, drop: bool
) -> Outcome:
    outcome = Outcome(table.table)
    if table.granularity is None or table.has_default:
        outcome.undone = [sentence for sentence in table.complaints if "rows" not in sentence]
        return outcome
    deadline = time.monotonic() + wait_s

    def tell_of_table(text: str) -> None:
        tell(f"{table.table}: {text}")

    try:
        _make(connection, table, outcome, deadline, tell_of_table)
        if table.catch_all_rows:
            outcome.moved, undone = move_rows(connection, table.oid, table.granularity, deadline, tell_of_table)
            outcome.undone += [undone] if undone else []
        if drop:
            _drop(connection, table, outcome, deadline, tell_of_table)
    except (errors.UndefinedTable, errors.InternalError_):
        # Also what PostgreSQL says when a table goes away between a look at the catalogue and the next.
        if _one(connection, "select exists (select from pg_catalog.pg_class where oid = %s)", table.oid):
            raise
        outcome.undone.append("it was rebuilt meanwhile")
    return outcome


def _make(
    connection: Connection[TupleRow], table: PartitionedTable, outcome: Outcome, deadline: float, tell: Tell
) -> None:
    moments = [
        row[0]
        for begin, end in table.gaps
        for row in connection.execute(
            "select n::text from generate_series(%s::timestamptz, %s::timestamptz - interval '1 microsecond',"
            " interval '1 month') as n",
            [begin, end],
        ).fetchall()
    ]
    for first in range(0, len(moments), MADE_TOGETHER):
        statement = sql.SQL("select pipeline.ensure_partitions({}, {}, {}::timestamptz[])").format(
            table.oid, table.granularity, moments[first : first + MADE_TOGETHER]
        )
        before = _count(connection, table.oid)
        if before + MADE_TOGETHER > MOST_PARTITIONS:
            outcome.undone.append(f"with all partitions that are missing it would have more than {MOST_PARTITIONS:,}")
            return
        if not execute_patiently(connection, statement, [table.oid], deadline, tell):
            outcome.undone.append("partitions couldn't be made: others hold it all the time")
            return
        outcome.made += _count(connection, table.oid) - before


def _drop(
    connection: Connection[TupleRow], table: PartitionedTable, outcome: Outcome, deadline: float, tell: Tell
) -> None:
    for partition in table.beyond_keep:
        own_schema, own_name = connection.execute(
            "select n.nspname, c.relname from pg_catalog.pg_class as c"
            " inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace where c.oid = %s",
            [partition],
        ).fetchall()[0]
        # One statement: dropping takes the table's lock first, as readers do.
        statement = sql.SQL("drop table {}").format(sql.Identifier(own_schema, own_name))
        try:
            done = execute_briefly(connection, statement, [table.oid, partition], deadline, tell)
        except TooSlowError:
            done = False
        if done:
            outcome.dropped.append(f"{own_schema}.{own_name}")
        else:
            outcome.undone.append(f"{own_schema}.{own_name} couldn't be dropped: others hold it all the time")


def _count(connection: Connection[TupleRow], table: int) -> int:
    return int(_one(connection, "select count(*) from pg_catalog.pg_inherits where inhparent = %s", table))


def _one(connection: Connection[TupleRow], query: LiteralString, value: object) -> Any:
    return connection.execute(query, [value]).fetchall()[0][0]
