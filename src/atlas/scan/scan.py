"""``atlas scan``: read what has changed, judge what was counted, keep what was found."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

from atlas.scan import keeping
from atlas.scan.judging import judge
from atlas.scan.names import last_key
from atlas.scan.reading import read_part
from atlas.scan.tables import Part, read_columns, read_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.scan.tables import Selection

SCAN_LOCK = "atlas scan"
# So that a scan doesn't wait for a table that is about to be replaced, and others don't queue behind it.
LOCK_TIMEOUT = "5s"
# By SQLSTATE.
FAILURES = {
    "55P03": "it is locked by somebody who is changing it",
    "42P01": "it was replaced meanwhile",
    "42703": "it was replaced meanwhile",
    "42501": "the database's role may not read it",
    "57014": "reading it took longer than the database allows",
}


@dataclass
class ScanResult:
    """What a scan did, and what is known now.

    Attributes:
        read: parts that were read, with their rows.
        unchanged: parts that have not changed since they were read.
        skipped: columns that could not be looked into, wholly or in part: ``schema.table.column`` → why.
        failed: parts that could not be read: ``schema.part`` → why.
        found: detections of the selection, by the names of their columns.
    """

    read: dict[str, int] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    found: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows that were read."""
        return sum(self.read.values())


def scan(
    connection: Connection[TupleRow],
    selection: Selection,
    *,
    fields: Mapping[tuple[str, str], list[str]] | None = None,
    full: bool = False,
    most_rows: int | None = None,
    progress: Callable[[int], None] = lambda _count: None,
) -> ScanResult:
    """Scan the selected tables.

    Args:
        connection: in autocommit mode, as the tables' owner.
        selection: which tables.
        fields: of landing tables, the declared fields of a record.
        full: read also what has not changed since its last scan.
        most_rows: about how many rows to read of each part; all of them without.
        progress: called with the rows read so far.

    Raises:
        UsageError: nothing is selected.
    """
    result = ScanResult()
    connection.execute("select set_config('lock_timeout', '0', false)")
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [SCAN_LOCK])
    connection.execute("select set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
    try:
        parts = read_parts(connection, selection)
        for part in parts:
            _scan_part(connection, part, result, fields or {}, full=full, most_rows=most_rows)
            progress(result.rows)
        dropped = keeping.forget_dropped(connection)
        for table in sorted({part.table for part in parts} | dropped | keeping.read_orphans(connection)):
            places, is_sample = keeping.read_places(connection, table)
            detections = judge(table[1], places, is_sample=is_sample)
            is_whole = not is_sample and keeping.is_read_whole(connection, table)
            keeping.keep_detections(connection, table, detections, is_whole=is_whole)
        result.found = keeping.read_found(connection, selection)
        result.skipped = keeping.read_skipped(connection, selection)
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [SCAN_LOCK])
    return result


def _scan_part(
    connection: Connection[TupleRow],
    part: Part,
    result: ScanResult,
    fields: Mapping[tuple[str, str], list[str]],
    *,
    full: bool,
    most_rows: int | None,
) -> None:
    declared = fields.get(part.table, [])
    started = time.monotonic()
    try:
        columns = read_columns(connection, part)
        fingerprint = keeping.fingerprint_of(part, columns, declared)
        last, was_sample = keeping.read_last_scan(connection, part)
        is_sample = most_rows is not None and part.estimated_rows > most_rows
        if not full and fingerprint and last == fingerprint and (is_sample or not was_sample):
            result.unchanged.append(part.shown)
            return
        known = {last_key("", path) for path in keeping.read_known_paths(connection, part.table)}
        reading = read_part(connection, part, columns, declared=declared, known=known, most_rows=most_rows)
        duration_s = time.monotonic() - started
        keeping.save_reading(connection, part, fingerprint, reading, is_sample=is_sample, duration_s=duration_s)
    except psycopg.Error as error:
        if connection.closed:
            raise
        # Not the message: it may quote what the table holds.
        result.failed[part.shown] = FAILURES.get(
            error.sqlstate or "", f"the database refused, with SQLSTATE {error.sqlstate}"
        )
        return
    result.read[part.shown] = reading.rows
