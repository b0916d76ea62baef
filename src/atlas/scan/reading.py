"""One pass over a part: PostgreSQL counts the values in each pattern's shape and gives some for a closer look."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from atlas.scan.match import shape_of
from atlas.scan.names import last_key, may_name_people, speaks_for
from atlas.scan.patterns import BITS, PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.scan.patterns import Pattern
    from atlas.scan.tables import Column, Part

# Distinct candidates of a column and pattern that the validator is asked of: enough for a share of one in a hundred.
MOST_CHECKED = 500
# Longer values are looked at as far as this.
LONGEST_VALUE = 4_000
DEEPEST = 32
MOST_PATHS = 300
CUT_FLAG = 1 << 30
KEPT_SHAPES = 5
UNREADABLE = "not every document can be read, so paths are unknown"
# A key that isn't a name but data, such as an address or an id: it is looked at, and never shown.
KEY_OF_DATA = r"([0-9].*){5}|[[:space:]@:/\\=<>(){}#?&+,;|]|[A-Z0-9]{12}|[A-Za-z0-9]{24}"

# Walks a document: each scalar with its path. The keys of a map are data as well.
WALK = r"""
    select
        %(place)s::integer, w.path, coalesce((%(hints)s::jsonb ->> w.name)::integer, 0),
        left(case when w.hidden_key is null then w.node #>> '{{}}' else w.hidden_key end, %(longest)s) collate "C"
    from (
        with recursive walked (path, name, node, depth, hidden_key) as (
            select ''::text, {column_name}, {document}, 0, null::text
            union all
            select
                w.path || k.step, coalesce(k.name, w.name), k.node, w.depth + 1, k.hidden_key
            from walked as w
            cross join lateral (
                select
                    case when w.path = '' then '' else '.' end
                    || case
                        when e.is_hidden then '{{*}}'
                        when e.key ~ '[].[ "{{}}\\]' or e.key = '' then to_json(e.key)::text
                        else e.key
                    end as step,
                    case when not e.is_hidden then e.key end as name,
                    e.value as node, null::text as hidden_key
                from (
                    select o.key, o.value, {is_hidden} as is_hidden
                    from jsonb_each(case jsonb_typeof(w.node) when 'object' then w.node end) as o
                ) as e
                union all
                select '[*]', null, a.value, null
                from jsonb_array_elements(case jsonb_typeof(w.node) when 'array' then w.node end) as a (value)
                union all
                select case when w.path = '' then '' else '.' end || '{{key}}', null, null, o.key
                from jsonb_object_keys(case jsonb_typeof(w.node) when 'object' then w.node end) as o (key)
                where {is_hidden}
            ) as k
            where w.depth < %(deepest)s
        )
        select * from walked
    ) as w
    where
        w.hidden_key is not null or jsonb_typeof(w.node) in ('string', 'number')
        or w.depth = %(deepest)s and jsonb_typeof(w.node) in ('object', 'array')
"""
IS_HIDDEN = "o.key <> all(%(declared)s::text[]) and (%(hide)s or length(o.key) > 63 or o.key ~ %(key_of_data)s)"
# What jsonb can't hold is taken as text beforehand: the server's log would quote the document in its complaint.
JSON_TEXT = (
    r"case when {column}::text ~ '\\u(0000|[dD][89a-fA-F])' then to_jsonb({column}::text) else to_jsonb({column}) end"
)
# Place 0 counts rows. OFFSET 0 keeps PostgreSQL from writing a condition out again wherever its result is used.
# Values are ranked among those of the same flags, so each once, however many patterns' shapes it has; by hash, so that
# they are the same ones every time, and no more of the first rows than of the last.
COUNTED = """
    with cells as (
        select v.place, v.path, v.hints, v.value, translate(v.value, '012345678', '999999999') as form
        from {source}
        cross join lateral ({cells}) as v (place, path, hints, value)
        where v.place = 0 or v.value <> ''
        offset 0
    ),

    digits_counted as (
        select c.*, length(c.form) - length(replace(c.form, '9', '')) as digits
        from cells as c
        offset 0
    ),

    described as (
        select
            d.*, d.digits >= 6 and lower(d.value) <> upper(d.value) as has_letters,
            d.digits >= 11 and strpos({form_without_separators}, '99999999999') > 0 as has_run
        from digits_counted as d
        offset 0
    ),

    flagged as (
        select c.place, c.path, c.value, {flags} as flags
        from described as c
        offset 0
    ),

    grouped as (
        select
            f.place, f.path, f.flags, case when f.flags & %(all_bits)s > 0 then f.value end as value,
            count(*) as cells
        from flagged as f
        group by 1, 2, 3, 4
    ),

    hashed as (
        select g.*, hashtextextended(g.value, 0) as hash
        from grouped as g
    ),

    ranked as (
        select
            h.*, sum(h.cells) over (partition by h.place, h.path, h.flags)::bigint as cells_alike,
            row_number() over (partition by h.place, h.path, h.flags order by h.hash, h.value) as number
        from hashed as h
    )

    select r.place, r.path, r.flags, r.cells_alike, r.hash, r.value, r.cells
    from ranked as r
    where r.number <= %(most)s
"""
# Eleven digits, each a 9, stand together then. A and B are among those of French numbers from Corsica.
FORM_WITHOUT_SEPARATORS = "upper(d.form)"
for _separator, _instead in (("A", "9"), ("B", "9"), (" ", ""), ("-", ""), (".", ""), ("/", "")):
    FORM_WITHOUT_SEPARATORS = f"replace({FORM_WITHOUT_SEPARATORS}, '{_separator}', '{_instead}')"


@dataclass
class Tally:
    """What was counted of one pattern at one place; values, also where one occurs again.

    Attributes:
        candidates: values in its shape.
        checked: candidates that the validator was asked of.
        certain, likely: those of them that it accepted.
        distinct: different values among the checked.
        accepted: different values among the certain and likely.
        refuted: different values that are written as if they surely were it, and aren't.
        shapes: how the accepted ones look.
    """

    candidates: int = 0
    checked: int = 0
    certain: int = 0
    likely: int = 0
    distinct: int = 0
    accepted: int = 0
    refuted: int = 0
    shapes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        self.candidates += other.candidates
        self.checked += other.checked
        self.certain += other.certain
        self.likely += other.likely
        self.distinct += other.distinct
        self.accepted += other.accepted
        self.refuted += other.refuted
        self.shapes.update(other.shapes)


@dataclass
class Place:
    """A column, or a path within its documents.

    Attributes:
        looked_at: values that were there.
        tallies: by pattern.
        values: those accepted, by pattern, and whether they are certain: raw, and only if they were asked for.
    """

    looked_at: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    values: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What a pass over a part gave, by column and path."""

    rows: int
    places: dict[tuple[str, str], Place]
    skipped: dict[str, str]


def hints_of(name: str) -> int:
    """The bits of the patterns that a column or field of this name is expected to hold, or may."""
    bits = sum(1 << BITS[p.code] for p in PATTERNS if speaks_for(p.code, name))
    return bits | (1 << BITS["person_name"] if may_name_people(name) else 0)


def read_part(
    connection: Connection[TupleRow],
    part: Part,
    columns: Sequence[Column],
    *,
    declared: Sequence[str] = (),
    known: Iterable[str] = (),
    most_rows: int | None = None,
    keep_values: bool = False,
) -> Reading:
    """Read a part once.

    Args:
        connection: in autocommit mode.
        part: what to read.
        columns: its columns.
        declared: keys of documents that are names, whatever they look like.
        known: names that documents have had so far; others with a meaning make a second pass necessary.
        most_rows: about how many rows to read; all of them without.
        keep_values: keep the accepted values, raw, to measure with.
    """
    skipped = {column.name: column.reason for column in columns if column.kind == "skipped"}
    looked_at = [column for column in columns if column.kind in ("text", "document")]
    hints = {name: bits for name in (*declared, *known, *(c.name for c in looked_at)) if (bits := hints_of(name))}
    hide, as_text = False, False
    while True:
        query, parameters = _query(part, looked_at, hints, declared, hide=hide, as_text=as_text, most_rows=most_rows)
        try:
            rows = connection.execute(query, parameters).fetchall()
        except psycopg.DataError:
            # Whatever else of JSON jsonb can't hold.
            if as_text or not any(column.is_json_text for column in looked_at):
                raise
            as_text = True
            skipped |= {c.name: UNREADABLE for c in looked_at if c.is_json_text}
            continue
        paths = {(place, path) for place, path, *_ in rows if place and path}
        if not hide and max(Counter(place for place, _ in paths).values(), default=0) > MOST_PATHS:
            hide = True
            continue
        missing = {last_key(looked_at[place - 1].name, path) for place, path in paths} - hints.keys()
        found = {name: bits for name in missing if (bits := hints_of(name))}
        if not found:
            return _reading(rows, looked_at, skipped, keep_values=keep_values)
        hints |= found


def _query(
    part: Part,
    columns: Sequence[Column],
    hints: dict[str, int],
    declared: Sequence[str],
    *,
    hide: bool,
    as_text: bool,
    most_rows: int | None,
) -> tuple[sql.Composed, dict[str, Any]]:
    plain: list[sql.Composable] = [sql.SQL("(0, '', 0, null::text)")]
    walks: list[sql.Composable] = []
    for place, column in enumerate(columns, start=1):
        name = sql.SQL("t.{}").format(_identifier(column.name))
        if column.kind == "text" or (as_text and column.is_json_text):
            plain.append(
                sql.SQL("({}, '', {}, left({}::text, %(longest)s) collate \"C\")").format(
                    sql.Literal(place), sql.Literal(hints.get(column.name, 0)), name
                )
            )
            continue
        walks.append(
            sql.SQL(WALK.replace("%(place)s", "{place}")).format(
                place=sql.Literal(place),
                column_name=sql.Literal(_escaped(column.name)),
                document=sql.SQL(JSON_TEXT if column.is_json_text else "to_jsonb({column})").format(column=name),
                is_hidden=sql.SQL(IS_HIDDEN),
            )
        )
    cells = sql.SQL(" union all ").join([sql.SQL("values {}").format(sql.SQL(", ").join(plain)), *walks])
    query = sql.SQL(COUNTED).format(
        source=_source(part, most_rows),
        cells=cells,
        form_without_separators=sql.SQL(FORM_WITHOUT_SEPARATORS),
        flags=_flags(),
    )
    return query, {
        "longest": LONGEST_VALUE,
        "deepest": DEEPEST,
        "most": MOST_CHECKED,
        "hints": json.dumps(hints),
        "declared": list(declared),
        "hide": hide,
        "key_of_data": KEY_OF_DATA,
        "all_bits": (1 << len(PATTERNS)) - 1,
    }


def _source(part: Part, most_rows: int | None) -> sql.Composable:
    """The part, or some of its rows, as t."""
    relation = _identifier(part.schema, part.name)
    if part.relkind not in "rm":
        some = sql.SQL("") if most_rows is None else sql.SQL(" limit {}").format(sql.Literal(most_rows))
        return sql.SQL("(select * from {}{}) as t").format(relation, some)
    if most_rows is None or part.estimated_rows <= most_rows:
        return sql.SQL("only {} as t").format(relation)
    percent = max(100 * most_rows / part.estimated_rows, 0.001)
    return sql.SQL("only {} as t tablesample system ({}) repeatable (0)").format(
        relation, sql.Literal(round(percent, 4))
    )


def _identifier(*names: str) -> sql.Identifier:
    return sql.Identifier(*map(_escaped, names))


def _escaped(text: str) -> str:
    """For a query with parameters, which begin with a percent sign."""
    return text.replace("%", "%%")


def _flags() -> sql.Composable:
    """One integer for all patterns: a bit is set where the value has the pattern's shape."""
    flags = [
        sql.SQL("case when {} then {} else 0 end").format(
            sql.SQL(_escaped(pattern.shape).replace("{is_named}", f"(c.hints & {1 << bit} > 0)")), sql.Literal(1 << bit)
        )
        for bit, pattern in enumerate(PATTERNS)
    ]
    cut = sql.SQL("case when length(c.value) >= %(longest)s then {} else 0 end").format(sql.Literal(CUT_FLAG))
    return sql.SQL(" | ").join([*flags, cut])


def _reading(
    rows: Iterable[TupleRow], columns: Sequence[Column], skipped: dict[str, str], *, keep_values: bool
) -> Reading:
    places: dict[tuple[str, str], Place] = {}
    read = 0
    for (number, path), alike in groupby(sorted(rows, key=itemgetter(0, 1)), key=itemgetter(0, 1)):
        ranked = list(alike)
        cells = {flags: count for _, _, flags, count, *_ in ranked}
        if number == 0:
            read = sum(cells.values())
            continue
        column = columns[number - 1]
        place = places[column.name, path] = Place(looked_at=sum(cells.values()))
        if column.is_json_text and not path:
            skipped.setdefault(column.name, UNREADABLE)
        if cut := sum(count for flags, count in cells.items() if flags & CUT_FLAG):
            skipped.setdefault(
                column.name, f"{cut:,} values are longer than the {LONGEST_VALUE:,} characters looked at"
            )
        for bit, pattern in enumerate(PATTERNS):
            candidates = sum(count for flags, count in cells.items() if flags & 1 << bit)
            if candidates:
                values = [(hashed, value, count) for _, _, flags, _, hashed, value, count in ranked if flags & 1 << bit]
                named = speaks_for(pattern.code, last_key(column.name, path))
                place.tallies[pattern.code] = tally = Tally(candidates=candidates)
                accepted = _check(tally, pattern, nsmallest(MOST_CHECKED, values), is_named=named)
                if keep_values and accepted:
                    place.values[pattern.code] = accepted
    return Reading(read, places, skipped)


def _check(
    tally: Tally, pattern: Pattern, values: Iterable[tuple[int, str, int]], *, is_named: bool
) -> list[tuple[str, bool]]:
    """Ask the pattern's validator of each value; returns those that it accepted, and whether they are certain."""
    accepted = []
    for _, value, cells in values:
        tally.checked += cells
        tally.distinct += 1
        match = pattern.find(value, is_named=is_named)
        if match is None or match.is_refuted:
            tally.refuted += match is not None
            continue
        if match.is_certain:
            tally.certain += cells
        else:
            tally.likely += cells
        tally.accepted += 1
        tally.shapes[shape_of(match.text)] += cells
        accepted.append((value, match.is_certain))
    return accepted
