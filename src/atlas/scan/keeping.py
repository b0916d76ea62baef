"""What is kept of scans: counts by part, and the detections that follow from them."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from atlas.scan.patterns import code_fingerprint
from atlas.scan.reading import KEPT_SHAPES, Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.scan.judging import Detection
    from atlas.scan.reading import Reading
    from atlas.scan.tables import Column, Part, Selection

Table = tuple[str, str]
COUNTS = ("candidates", "checked", "certain", "likely", "distinct", "accepted", "refuted")
SAVE_SCAN = """
    insert into compliance.pii_scans (
        part_schema, part_name, table_schema, table_name, fingerprint, is_sample, rows_read, skipped, duration_ms
    )
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
SAVE_TALLY = """
    insert into compliance.pii_tallies (part_schema, part_name, column_name, path, looked_at, patterns)
    values (%s, %s, %s, %s, %s, %s)
"""
LAST = """
    select fingerprint, is_sample
    from compliance.pii_scans
    where part_schema = %s and part_name = %s and table_schema = %s and table_name = %s
"""
KNOWN_PATHS = """
    select distinct t.path
    from compliance.pii_tallies as t
    inner join compliance.pii_scans as s on s.part_schema = t.part_schema and s.part_name = t.part_name
    where s.table_schema = %s and s.table_name = %s and t.path <> ''
"""
# Tables that nothing is known of any more, but that something was found in.
ORPHANS = """
    select d.table_schema, d.table_name
    from compliance.pii_detections as d
    where
        d.gone_at is null
        and not exists (
            select
            from pg_catalog.pg_class as c
            inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
            where n.nspname = d.table_schema and c.relname = d.table_name
        )
"""
UNREAD = """
    select exists (
        select
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        left join pg_catalog.pg_class as r on c.relispartition and r.oid = pg_partition_root(c.oid)
        left join pg_catalog.pg_namespace as rn on rn.oid = r.relnamespace
        where
            c.relkind in ('r', 'm', 'v', 'f')
            and coalesce(rn.nspname, n.nspname) = %s and coalesce(r.relname, c.relname) = %s
            and not exists (
                select
                from compliance.pii_scans as s
                where s.part_schema = n.nspname and s.part_name = c.relname
            )
    )
"""
SKIPPED = """
    select s.table_schema, s.table_name, k.key, min(k.value)
    from compliance.pii_scans as s
    cross join jsonb_each_text(s.skipped) as k
    group by s.table_schema, s.table_name, k.key
    order by 1, 2, 3
"""
# A part that was dropped, or belongs to another table now, says nothing any more.
FORGET = """
    delete from compliance.pii_scans as s
    where not exists (
        select
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        left join pg_catalog.pg_class as r on c.relispartition and r.oid = pg_partition_root(c.oid)
        where
            n.nspname = s.part_schema and c.relname = s.part_name and c.relkind in ('r', 'm', 'v', 'f')
            and coalesce(r.relname, c.relname) = s.table_name
    )
    returning s.table_schema, s.table_name
"""
TALLIES = """
    select t.column_name, t.path, t.looked_at, t.patterns, s.is_sample
    from compliance.pii_tallies as t
    inner join compliance.pii_scans as s on s.part_schema = t.part_schema and s.part_name = t.part_name
    where s.table_schema = %s and s.table_name = %s
"""
KEEP = """
    insert into compliance.pii_detections (
        table_schema, table_name, column_name, path, pattern, matched, looked_at, is_estimate, confidence, reasons,
        evidence, first_seen, last_seen
    )
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now(), now())
    on conflict (table_schema, table_name, column_name, path, pattern) do update
    set
        matched = excluded.matched, looked_at = excluded.looked_at, is_estimate = excluded.is_estimate,
        confidence = excluded.confidence, reasons = excluded.reasons, evidence = excluded.evidence,
        last_seen = excluded.last_seen, gone_at = null
"""
GONE = """
    update compliance.pii_detections
    set gone_at = now()
    where
        table_schema = %s and table_name = %s and gone_at is null
        and not (column_name, path, pattern) in (
            select k.column_name, k.path, k.pattern from unnest(%s::text[], %s::text[], %s::text[]) as k (
                column_name, path, pattern
            )
        )
"""
FOUND = """
    select
        table_schema, table_name, column_name, path, pattern, matched, looked_at, share, is_estimate,
        confidence::double precision as confidence, reasons, evidence, first_seen, last_seen
    from compliance.pii_detections
    where gone_at is null
    order by table_schema, table_name, column_name, path, pattern
"""


def fingerprint_of(part: Part, columns: Sequence[Column], declared: Sequence[str]) -> str:
    """Equal as long as another scan of the part would count the same; empty if that can't be told."""
    if part.fingerprint is None:
        return ""
    shape = repr([(column.name, column.type_name) for column in columns]) + repr(sorted(declared))
    return f"{part.fingerprint}/{hashlib.sha256(shape.encode()).hexdigest()[:16]}/{code_fingerprint()}"


def read_last_scan(connection: Connection[TupleRow], part: Part) -> tuple[str | None, bool]:
    """The fingerprint of a part's last scan, and whether that was a sample; None if there was none."""
    row = connection.execute(LAST, [part.schema, part.name, *part.table]).fetchone()
    return (row[0], row[1]) if row else (None, False)


def read_known_paths(connection: Connection[TupleRow], table: Table) -> list[str]:
    """Paths that documents of a table were found to have."""
    return [path for (path,) in connection.execute(KNOWN_PATHS, table)]


def save_reading(
    connection: Connection[TupleRow],
    part: Part,
    fingerprint: str,
    reading: Reading,
    *,
    is_sample: bool,
    duration_s: float,
) -> None:
    """Keep the counts of a part in place of those of its last scan."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "delete from compliance.pii_scans where part_schema = %s and part_name = %s", [part.schema, part.name]
        )
        scan = [part.schema, part.name, *part.table, fingerprint, is_sample, reading.rows, Jsonb(reading.skipped)]
        cursor.execute(SAVE_SCAN, [*scan, round(duration_s * 1000)])
        cursor.executemany(
            SAVE_TALLY,
            [
                (part.schema, part.name, column, path, place.looked_at, Jsonb(_as_json(place)))
                for (column, path), place in reading.places.items()
            ],
        )


def forget_dropped(connection: Connection[TupleRow]) -> set[Table]:
    """Forget the scans of parts that are gone; returns the tables that they were parts of."""
    return {(schema, name) for schema, name in connection.execute(FORGET)}


def read_places(connection: Connection[TupleRow], table: Table) -> tuple[dict[tuple[str, str], Place], bool]:
    """What was counted in all parts of a table, by column and path, and whether one of them was only sampled."""
    places: dict[tuple[str, str], Place] = {}
    is_sample = False
    for column, path, looked_at, patterns, is_part in connection.execute(TALLIES, table):
        place = places.setdefault((column, path), Place())
        place.looked_at += looked_at
        is_sample = is_sample or is_part
        for code, counts in patterns.items():
            tally = Tally(**{name: counts[name] for name in COUNTS}, shapes=Counter(counts["shapes"]))
            place.tallies.setdefault(code, Tally()).add(tally)
    return places, is_sample


def keep_detections(
    connection: Connection[TupleRow], table: Table, detections: Iterable[Detection], *, is_whole: bool
) -> None:
    """Write what a table holds now; what it held before is gone, if all of it was looked at (``is_whole``)."""
    found = list(detections)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(KEEP, [_row(table, one) for one in found])
        if is_whole:
            keys = ([getattr(one, name) for one in found] for name in ("column", "path", "pattern"))
            cursor.execute(GONE, [*table, *keys])


def read_found(connection: Connection[TupleRow], selection: Selection) -> list[dict[str, Any]]:
    """The detections of the selection that are there now, by the names of their columns."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(FOUND).fetchall()
    return [row for row in rows if selection.shows((row["table_schema"], row["table_name"]), row["column_name"])]


def read_skipped(connection: Connection[TupleRow], selection: Selection) -> dict[str, str]:
    """The columns of the selection that could not be looked into, wholly or in part, and why."""
    return {
        f"{schema}.{table}.{column}": reason
        for schema, table, column, reason in connection.execute(SKIPPED)
        if selection.shows((schema, table), column)
    }


def read_orphans(connection: Connection[TupleRow]) -> set[Table]:
    """Tables with detections that aren't there any more."""
    return {(schema, name) for schema, name in connection.execute(ORPHANS)}


def is_read_whole(connection: Connection[TupleRow], table: Table) -> bool:
    """Whether each part of a table has been scanned."""
    return connection.execute(UNREAD, table).fetchone() == (False,)


def _row(table: Table, one: Detection) -> tuple[Any, ...]:
    return (
        *table,
        *(one.column, one.path, one.pattern, one.matched, one.looked_at, one.is_estimate),
        *(one.confidence, list(one.reasons), list(one.evidence)),
    )


def _as_json(place: Place) -> dict[str, Any]:
    return {
        code: {name: getattr(tally, name) for name in COUNTS}
        | {"shapes": dict(Counter(tally.shapes).most_common(KEPT_SHAPES))}
        for code, tally in place.tallies.items()
    }
