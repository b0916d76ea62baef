"""What can be scanned: tables, their parts, and which columns hold something to look at."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from atlas.errors import UsageError
from atlas.scan.names import speaks_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

DEFAULT_SELECTION = ("explore.raw_*", "chart.*", "navigate_base.*")
Kind = Literal["text", "document", "skipped", "nothing"]
# Leaves of partitions and whatever has none; a partitioned parent holds nothing itself. The fingerprint rests on the
# counters that PostgreSQL keeps of each table's changes, which come after the commit: whoever reads the counters first
# and the rows next may read rows again that have not changed, but never misses those that have. That counters were
# reset, by hand or by a crash, shows in the time since when they count.
PARTS = """
    select
        c.oid, n.nspname, c.relname, coalesce(rn.nspname, n.nspname), coalesce(r.relname, c.relname), c.relkind::text,
        greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint,
        case
            when c.relkind in ('r', 'm') and current_setting('track_counts')::boolean
                then concat_ws(
                    '/', c.oid, pg_relation_filenode(c.oid),
                    pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid),
                    pg_stat_get_tuples_deleted(c.oid),
                    (select d.stats_reset from pg_stat_database as d where d.datname = current_database()),
                    (select w.stats_reset from pg_stat_wal as w)
                )
        end
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    left join pg_catalog.pg_class as r on c.relispartition and r.oid = pg_partition_root(c.oid)
    left join pg_catalog.pg_namespace as rn on rn.oid = r.relnamespace
    where
        c.relkind in ('r', 'm', 'v', 'f') and c.relpersistence <> 't'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by 4, 5, 2, 3
"""
COLUMNS = """
    select
        a.attname, format_type(a.atttypid, a.atttypmod), coalesce(d.typname, b.typname, t.typname), t.typcategory::text,
        coalesce(e.typcategory::text, ''), coalesce(e.typname, '')
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_type as t on t.oid = a.atttypid
    left join pg_catalog.pg_type as b on b.oid = nullif(t.typbasetype, 0)
    left join pg_catalog.pg_type as d on d.oid = nullif(b.typbasetype, 0)
    left join pg_catalog.pg_type as e on e.oid = nullif(coalesce(d.typelem, b.typelem, t.typelem), 0)
    where a.attrelid = %s and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""
DOCUMENTS, TEXTS = frozenset({"json", "jsonb"}), frozenset({"xml", "hstore", "citext", "macaddr", "macaddr8"})
# Wide enough for a card or an account; what is narrower needs a name.
WIDE_NUMBERS, NARROW_NUMBERS = frozenset({"int8", "numeric"}), frozenset({"int2", "int4"})
NUMBERED = ("phone", "us_ssn", "de_steuer_id", "payment_card", "postal_address", "date_of_birth")
UNTOLD = frozenset(
    {"uuid", "tsvector", "tsquery", "pg_lsn", "txid_snapshot", "pg_snapshot", "jsonpath", "bit", "varbit"}
)


@dataclass(frozen=True)
class Column:
    """A column, and how its values are looked at.

    Attributes:
        kind: ``text`` (cast to it), ``document`` (walked, path by path), ``skipped`` (with the reason) or ``nothing``
            (of a type that holds no personal data by itself).
        type_name: as SQL writes it.
        reason: why it is skipped.
    """

    name: str
    type_name: str
    kind: Kind
    is_json_text: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Part:
    """What is read by one query: a partition, or a table that has none.

    Attributes:
        table: schema and name of the table that it is a part of; of a partition the outermost parent.
        relkind: as in pg_class.
        estimated_rows: by the last ANALYZE, or by the counters if they say more.
        fingerprint: equal as long as nothing was changed; None if that can't be told.
    """

    oid: int
    schema: str
    name: str
    table: tuple[str, str]
    relkind: str
    estimated_rows: int
    fingerprint: str | None

    @property
    def shown(self) -> str:
        """``schema.name``."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Selection:
    """Globs of schema, table and column, as the command line has them."""

    terms: tuple[tuple[str, ...], ...]
    is_default: bool

    def names(self, part: Part) -> bool:
        """Whether the part's table, or the part itself, is selected. A view must be named in full."""
        is_copy = part.relkind == "v"
        return any(
            (not is_copy or (len(term) > 1 and term[:2] == (part.schema, part.name)))
            and any(_names_table(term, names) for names in (part.table, (part.schema, part.name)))
            for term in self.terms
        )

    def shows(self, table: tuple[str, str], column: str) -> bool:
        """Whether what was found in a table's column is asked for."""
        return any(_names_table(term, table) and (len(term) < 3 or fnmatchcase(column, term[2])) for term in self.terms)


def _names_table(term: tuple[str, ...], names: tuple[str, str]) -> bool:
    if len(term) == 1:
        return fnmatchcase(names[0], term[0]) or fnmatchcase(names[1], term[0])
    return fnmatchcase(names[0], term[0]) and fnmatchcase(names[1], term[1])


def read_selection(texts: Sequence[str]) -> Selection:
    """The selection that the command line gives; without any, all layers.

    Raises:
        UsageError: a term can't be read.
    """
    return Selection(tuple(_term(text) for text in texts or DEFAULT_SELECTION), is_default=not texts)


def _term(text: str) -> tuple[str, ...]:
    """``schema``, ``table``, ``schema.table`` or ``schema.table.column``; a name with a dot stands in double quotes."""
    parts, rest = [], text
    while rest:
        if rest.startswith('"'):
            name, closed, rest = rest[1:].partition('"')
            if not closed or (rest and not rest.startswith(".")):
                raise UsageError(f"The selection {text!r} has a double quote that nothing closes.")
            rest = rest[1:]
        else:
            name, _, rest = rest.partition(".")
        parts.append(name)
    if not 1 <= len(parts) <= 3 or not all(parts) or text.endswith("."):
        raise UsageError(f"A selection is SCHEMA, TABLE, SCHEMA.TABLE or SCHEMA.TABLE.COLUMN, not {text!r}.")
    return tuple(parts)


def read_parts(connection: Connection[TupleRow], selection: Selection) -> list[Part]:
    """The parts of the selected tables, by table.

    Raises:
        UsageError: nothing is selected.
    """
    found = []
    for oid, schema, name, table_schema, table, relkind, rows, fingerprint in connection.execute(PARTS):
        found.append(Part(oid, schema, name, (table_schema, table), relkind, rows, fingerprint))
    selected = [part for part in found if selection.names(part)]
    if not selected and not selection.is_default:
        terms = ", ".join(".".join(term) for term in selection.terms)
        raise UsageError(f"No table matches {terms}. A view has to be named in full, as SCHEMA.VIEW.")
    return selected


def read_columns(connection: Connection[TupleRow], part: Part) -> list[Column]:
    """The columns of a part, in order."""
    return [_column(*row) for row in connection.execute(COLUMNS, [part.oid])]


def _column(name: str, shown_type: str, base: str, category: str, element_category: str, element: str) -> Column:
    """How a column is looked at, by its type: categories are those of pg_type, of arrays the elements' as well."""
    kind: Kind = "nothing"
    reason = ""
    if base == "bytea" or element == "bytea":
        kind, reason = "skipped", "bytes aren't looked into"
    elif base in DOCUMENTS or category == "C":
        kind = "document"
    elif category == "A":
        holds = element_category in "SIC" or element in DOCUMENTS | TEXTS | WIDE_NUMBERS
        kind = "document" if holds else "nothing"
    elif category in "SI" or base in TEXTS | WIDE_NUMBERS:
        kind = "text"
    elif category == "N":
        kind = "text" if base in NARROW_NUMBERS and any(speaks_for(p, name) for p in NUMBERED) else "nothing"
    elif category == "D":
        kind = "text" if speaks_for("date_of_birth", name) else "nothing"
    elif category == "U" and base not in UNTOLD:
        kind, reason = "skipped", f"the type {shown_type} isn't looked into"
    return Column(name, shown_type, kind, is_json_text=base == "json", reason=reason)
