"""One delivery, one transaction: records by COPY, then duplicates out, then the ledger's row; all of it or nothing."""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from psycopg import sql
from psycopg.types.json import Jsonb

from atlas.errors import ServiceError
from atlas.landing.contract import MICROSECOND, POSTGRES_EPOCH, compile_contract
from atlas.landing.quarantine import COPY_HEADER, COPY_TRAILER, Spool
from atlas.landing.refusal import Refusal
from atlas.partitions import make_for_landing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.landing.readers import Record
    from atlas.sources import Source

# Small enough for the socket's buffer: the server reads one while the next is being checked.
COPY_CHUNK_BYTES = 32 * 1024
MANY_ROWS = 20_000
FAR_FUTURE = 2**63
# Sorting and hashing a batch for its duplicates, not more than once at a time and source.
DEDUPE_MEMORY = "128MB"

# COPY's binary format: the number of columns, then each with its length. Text would have to be escaped and parsed.
# What has a fixed length stands together, so that a row takes four pieces: begin, key, middle, payload.
COLUMNS = ("batch_id", "line", "key", "received_at", "operation", "event_at", "sha256", "payload")
ROW_BEGIN = struct.Struct(">hiqiqi")
JSONB_VERSION = 1


@dataclass
class Written:
    """What has been written of a batch so far."""

    batch_id: int
    received_at: datetime
    first_event_at: datetime | None = None
    last_event_at: datetime | None = None
    read: int = 0
    duplicate: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first_refused: list[str] = field(default_factory=list)
    drift: Counter[str] = field(default_factory=Counter)

    @property
    def quarantined(self) -> int:
        """Records refused."""
        return self.reasons.total()

    @property
    def accepted(self) -> int:
        """Records that stayed."""
        return self.read - self.duplicate - self.quarantined


def prepare(connection: Connection[TupleRow], source: Source) -> datetime:
    """Make the source's landing table, its partition for now and those due ahead, where missing.

    To be called in autocommit mode: within a longer transaction, what it makes would keep other landings waiting.

    Returns the batch's time of arrival, by the database's clock.
    """
    with connection.transaction():
        # Written only if it differs: even an upsert that changes nothing waits for others who hold the row.
        connection.execute(
            """
            insert into explore.source_systems (system, description)
            select %(system)s, %(description)s
            where not exists (
                select from explore.source_systems where system = %(system)s and description = %(description)s
            )
            on conflict (system) do update set description = excluded.description
            """,
            {"system": source.system, "description": source.system_description},
        )
        row = connection.execute(
            "select clock_timestamp(), explore.create_landing_table(%s, %s)", [source.system, source.entity]
        ).fetchone()
        if row is None:
            raise ServiceError("The database gave no answer.")
        received_at: datetime = row[0]
        make_for_landing(connection, source.landing_table, source.partitions, received_at)
    return received_at


def write_batch(
    connection: Connection[TupleRow],
    source: Source,
    records: Callable[[Spool], Iterable[Record]],
    received_at: datetime,
    snapshot_at: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Written:
    """Write the rows of one batch in the caller's transaction; the ledger's row is the caller's to add.

    Args:
        connection: in a transaction, which the caller commits.
        source: what the records are.
        records: given where to put what can't be a record, yields the rest; see ``readers.Record``.
        received_at: see ``prepare``.
        snapshot_at: the time of all records, for snapshots.
        progress: called now and then with the number of records read.
    """
    batch_id = _one(
        connection.execute("select nextval(pg_get_serial_sequence('explore.batches', 'batch_id'))").fetchone()
    )
    written = Written(batch_id=batch_id, received_at=received_at)
    with Spool(batch_id) as spool, connection.cursor() as cursor:
        copy_sql = sql.SQL("copy explore.{} ({}) from stdin (format binary)").format(
            sql.Identifier(source.landing_table), sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        )
        with cursor.copy(copy_sql) as copy:
            copied = 0
            for chunk, rows in _rows(source, records(spool), spool, written, snapshot_at):
                copy.write(chunk)
                copied += rows
                if progress is not None:
                    progress(copied + spool.count)
        spool.copy_to(cursor)
        written.read = copied + spool.count
        written.reasons, written.first_refused = spool.reasons, spool.first
        # Whoever landed the same changes meanwhile has either committed by now, and is seen below, or comes after us.
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"land {source.name}"])
        if copied:
            written.duplicate = _remove_duplicates(connection, source, written, copied)
    return written


def _rows(
    source: Source,
    records: Iterable[Record],
    spool: Spool,
    written: Written,
    snapshot_at: datetime | None,
) -> Iterator[tuple[bytes, int]]:
    """Chunks of COPY data with the number of rows in each."""
    contract = compile_contract(source)
    check, begin = contract.check, ROW_BEGIN.pack
    batch_id, columns = written.batch_id, len(COLUMNS)
    arrived = struct.pack(">iq", 8, (written.received_at - POSTGRES_EPOCH) // MICROSECOND)
    upsert, delete = (arrived + struct.pack(">i", len(word)) + word for word in (b"upsert", b"delete"))
    middle = struct.Struct(f">{len(upsert)}siqi32siB").pack
    snapshot_us = 0 if snapshot_at is None else (snapshot_at - POSTGRES_EPOCH) // MICROSECOND
    parts: list[bytes] = [COPY_HEADER]
    add = parts.extend
    size = rows = 0
    first, last = FAR_FUTURE, -FAR_FUTURE
    for line, raw, odd, delivered in records:
        try:
            key, event_us, is_delete, digest = check(raw, odd=odd)
        except Refusal as refusal:
            spool.add(line, delivered, refusal.reason, refusal.detail)
            continue
        if event_us is None:
            event_us = snapshot_us
        if event_us < first:  # noqa: PLR1730 - min() costs a call per record
            first = event_us
        if event_us > last:  # noqa: PLR1730
            last = event_us
        add(
            (
                begin(columns, 8, batch_id, 8, line, len(key)),
                key,
                middle(delete if is_delete else upsert, 8, event_us, 32, digest, len(raw) + 1, JSONB_VERSION),
                raw,
            )
        )
        rows += 1
        size += len(raw)
        if size > COPY_CHUNK_BYTES:
            yield b"".join(parts), rows
            parts.clear()
            size = rows = 0
    parts.append(COPY_TRAILER)
    yield b"".join(parts), rows
    written.drift = contract.drift
    if first <= last:
        written.first_event_at, written.last_event_at = _moment(first), _moment(last)


def _moment(microseconds: int) -> datetime:
    return POSTGRES_EPOCH + microseconds * MICROSECOND


def _remove_duplicates(connection: Connection[TupleRow], source: Source, written: Written, copied: int) -> int:
    """Delete the batch's rows that repeat a row; returns how many.

    A change is the same by key, event time, operation and hash, whenever it came. A snapshot is compared with itself
    only: that a value is still there is what it says.
    """
    table = sql.Identifier("explore", source.landing_table)
    parameters = {
        "batch": written.batch_id,
        "received": written.received_at,
        "first": written.first_event_at,
        "last": written.last_event_at,
    }
    connection.execute("select set_config('work_mem', %s, true)", [DEDUPE_MEMORY])
    if copied > MANY_ROWS:
        # The planner has no statistics of rows that were copied a moment ago, and would look them up one by one.
        connection.execute("set local enable_nestloop = off")
    within = connection.execute(sql.SQL(REPEATED_WITHIN).format(table=table), parameters).rowcount
    if source.delivery == "snapshot" or not _events_met_before(connection, source, written):
        return within
    return within + connection.execute(sql.SQL(REPEATED_FROM_BEFORE).format(table=table), parameters).rowcount


REPEATED_WITHIN = """
    delete from {table} as landed
    using (
        select line
        from (
            select line, row_number() over (partition by event_at, sha256, key, operation order by line) as occurrence
            from {table}
            where batch_id = %(batch)s and received_at = %(received)s
        ) as numbered
        where occurrence > 1
    ) as repeated
    where landed.batch_id = %(batch)s and landed.received_at = %(received)s and landed.line = repeated.line
"""
REPEATED_FROM_BEFORE = """
    delete from {table} as landed
    using {table} as earlier
    where
        landed.batch_id = %(batch)s
        and landed.received_at = %(received)s
        and earlier.batch_id <> %(batch)s
        and earlier.event_at between %(first)s and %(last)s
        and earlier.event_at = landed.event_at
        and earlier.sha256 = landed.sha256
        and earlier.key = landed.key
        and earlier.operation = landed.operation
"""


def _events_met_before(connection: Connection[TupleRow], source: Source, written: Written) -> bool:
    """Whether the ledger knows a batch of the source whose events lie in the same span of time."""
    row = connection.execute(
        "select exists (select from explore.batches where system = %s and entity = %s and accepted > 0"
        " and last_event_at >= %s and first_event_at <= %s)",
        [source.system, source.entity, written.first_event_at, written.last_event_at],
    ).fetchone()
    return row is not None and bool(row[0])


@dataclass(frozen=True)
class Origin:
    """Where a batch came from, for the ledger."""

    kind: Literal["file", "collector", "replay"]
    name: str
    format: str
    content_sha256: bytes
    content_bytes: int
    csv_header: list[str] | None = None
    snapshot_at: datetime | None = None


def enter_in_ledger(
    connection: Connection[TupleRow],
    source: Source,
    origin: Origin,
    received_at: datetime,
    written: Written | None,
    refusal: str | None = None,
) -> int:
    """Add the ledger's row, in the transaction that holds the batch's rows; returns the batch's number.

    A delivery that was refused has no rows (``written`` is None).
    """
    values = {
        "system": source.system,
        "entity": source.entity,
        "origin": origin.kind,
        "source_name": origin.name,
        "format": origin.format,
        "csv_header": origin.csv_header,
        "delivery": source.delivery,
        "snapshot_at": origin.snapshot_at,
        "content_sha256": origin.content_sha256,
        "content_bytes": origin.content_bytes,
        "contract_sha256": source.contract_sha256,
        "outcome": "landed" if written else "refused",
        "refusal": refusal,
        "records_read": written.read if written else 0,
        "accepted": written.accepted if written else 0,
        "duplicate": written.duplicate if written else 0,
        "quarantined": written.quarantined if written else 0,
        "reasons": Jsonb(dict(written.reasons) if written else {}),
        "drift": Jsonb(dict(written.drift) if written else {}),
        "first_event_at": written.first_event_at if written else None,
        "last_event_at": written.last_event_at if written else None,
        "received_at": received_at,
    }
    if written:
        values["batch_id"] = written.batch_id
    row = connection.execute(
        sql.SQL("insert into explore.batches ({}) values ({}) returning batch_id").format(
            sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
        ),
        values,
    ).fetchone()
    return int(_one(row))


def _one(row: TupleRow | None) -> Any:
    if row is None:
        raise ServiceError("The database gave no answer.")
    return row[0]
