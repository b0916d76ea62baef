"""The catch-all partitions of a table: what lies in them, and how they are to be cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

    Period = tuple[str, str, int]

CATCH_ALLS = """
    select
        s.child::oid, lower(s.span)::text, upper(s.span)::text, child_schema.nspname, child.relname,
        n.nspname, c.relname, a.attname, format_type(a.atttypid, null),
        array(
            select k.attname::text
            from pg_catalog.pg_index as i
            inner join pg_catalog.pg_attribute as k on k.attrelid = c.oid and k.attnum = any(i.indkey)
            where i.indrelid = c.oid and i.indisprimary
        ),
        array(
            select k.attname::text
            from pg_catalog.pg_attribute as k
            where k.attrelid = c.oid and k.attnum > 0 and not k.attisdropped and k.attgenerated = ''
            order by k.attnum
        )
    from pg_catalog.pg_partitioned_table as p
    inner join pg_catalog.pg_class as c on c.oid = p.partrelid
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
    cross join lateral pipeline.partition_spans(c.oid) as s
    inner join pg_catalog.pg_class as child on child.oid = s.child
    inner join pg_catalog.pg_namespace as child_schema on child_schema.oid = child.relnamespace
    where c.oid = %(table)s and pipeline.is_catch_all(s.span, %(granularity)s)
    order by s.span
"""
# What lies before the year 1 or after 9999, infinity included, gets no partition of its own: nobody can mean it.
PERIODS = """
    with periods as (
        select date_trunc({granularity}, {field}::timestamp) at time zone 'UTC' as moment, count(*) as row_count
        from {catch_all}
        where {field} >= '0001-01-01 00:00:00+00' and {field} < '10000-01-01 00:00:00+00'
        group by 1
    )

    select lower(own.span)::text, upper(own.span)::text, row_count
    from periods
    cross join lateral (
        select pipeline.period_of({granularity}, moment) * tstzrange({lower}, {upper}) as span
    ) as own
    order by own.span
"""


@dataclass(frozen=True)
class CatchAll:
    """A catch-all partition, and what has to be known of its table.

    Attributes:
        number: the partition's.
        table: the table's number.
        bounds: where it begins and ends, as PostgreSQL writes it; None is unbounded.
        key: columns of the primary key, which is empty if there is none.
    """

    number: int
    table: int
    granularity: str
    bounds: tuple[str | None, str | None]
    name: sql.Identifier
    parent: sql.Identifier
    field: sql.Identifier
    field_type: sql.SQL
    key: tuple[str, ...]
    columns: sql.Composed

    @property
    def notes(self) -> sql.Identifier:
        """Where the trigger notes changes."""
        return sql.Identifier("pipeline", f"changes_of_{self.number}")


@dataclass(frozen=True)
class Piece:
    """What becomes a partition: where it begins and ends, as PostgreSQL writes it; None is unbounded."""

    lower: str | None
    upper: str | None

    @property
    def span(self) -> sql.Composed:
        """As PostgreSQL's range."""
        return sql.SQL("tstzrange({}, {})").format(self.lower, self.upper)

    def holds(self, catch_all: CatchAll) -> sql.Composed:
        """The condition that a row of the catch-all belongs here."""
        return sql.SQL(" and ").join(
            sql.SQL("{} {} {}::{}").format(catch_all.field, sql.SQL(sign), bound, catch_all.field_type)
            for sign, bound in ((">=", self.lower), ("<", self.upper))
            if bound is not None
        )


def next_to_cut(
    connection: Connection[TupleRow], table: int, granularity: str, most_pieces: int
) -> tuple[CatchAll, list[Piece], int] | None:
    """Find a catch-all of a table with rows that can be moved.

    Returns:
        The catch-all, the pieces to cut it into (see ``cut``), and how many rows that moves; None if there is none.
    """
    found = connection.execute(CATCH_ALLS, {"table": table, "granularity": granularity}).fetchall()
    for number, lower, upper, own_schema, own_name, schema, name, field, field_type, key, columns in found:
        catch_all = CatchAll(
            number,
            table,
            granularity,
            (lower, upper),
            sql.Identifier(own_schema, own_name),
            sql.Identifier(schema, name),
            sql.Identifier(field),
            sql.SQL(field_type),
            tuple(key),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
        )
        query = sql.SQL(PERIODS).format(
            granularity=granularity, field=catch_all.field, catch_all=catch_all.name, lower=lower, upper=upper
        )
        if periods := connection.execute(query).fetchall():
            # From the bounded end on, so that what is left over is one piece.
            pieces, rows = cut((lower, upper), periods[::-1] if lower is None else periods, most_pieces)
            return catch_all, pieces, rows
    return None


def cut(bounds: tuple[str | None, str | None], periods: Sequence[Period], most_pieces: int) -> tuple[list[Piece], int]:
    """Cut a span so that some periods lie apart.

    Args:
        bounds: of the span.
        periods: without overlaps, each with its number of rows; the first ones are preferred.
        most_pieces: how many pieces there may be, unless one period alone takes more.

    Returns:
        Pieces that follow on one another and fill the span, and how many rows lie in the periods chosen.
    """
    chosen = [periods[0]]
    for period in periods[1:]:
        if len(_pieces(bounds, [*chosen, period])) > most_pieces:
            break
        chosen.append(period)
    return _pieces(bounds, chosen), sum(rows for *_, rows in chosen)


def _pieces(bounds: tuple[str | None, str | None], periods: Sequence[Period]) -> list[Piece]:
    pieces: list[Piece] = []
    begin, end = bounds
    for lower, upper, _ in sorted(periods):
        pieces += [Piece(begin, lower)] * (begin != lower) + [Piece(lower, upper)]
        begin = upper
    return pieces + [Piece(begin, end)] * (begin != end)
