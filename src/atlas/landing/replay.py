"""Quarantined records, listed, shown and tried again."""

from __future__ import annotations

import csv
import hashlib
import struct
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Literal

from psycopg import sql

from atlas.errors import UsageError
from atlas.landing.contract import Check, compile_contract
from atlas.landing.csv_files import row_to_json
from atlas.landing.land import clear_errors
from atlas.landing.receipt import Receipt
from atlas.landing.refusal import Refusal
from atlas.landing.write import Origin, enter_in_ledger, prepare, write_batch
from atlas.sources import landing_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.landing.readers import Record
    from atlas.sources import Source

RECORDS_AT_ONCE = 20
SPOOLED = struct.Struct(">qq")
Resolution = Literal["accepted", "duplicate"]


@dataclass(frozen=True)
class Quarantined:
    """A refused record, without its content.

    Attributes:
        resolved_by: the batch of the replay that settled it, if one has.
        resolution: ``accepted`` (it landed in that batch) or ``duplicate`` (the same change had landed before).
    """

    batch_id: int
    line: int
    source: str
    name: str
    reason: str
    detail: str
    size_bytes: int
    received_at: datetime
    resolved_by: int | None
    resolution: Resolution | None

    @property
    def reference(self) -> str:
        """``batch:line``, by which commands name it."""
        return f"{self.batch_id}:{self.line}"

    def as_dict(self) -> dict[str, Any]:
        """The record for ``--json``."""
        return asdict(self) | {"reference": self.reference, "received_at": self.received_at.isoformat()}


def parse_reference(text: str) -> tuple[int, int | None]:
    """Read ``BATCH`` or ``BATCH:LINE``.

    Raises:
        UsageError: it is neither.
    """
    batch, colon, line = text.partition(":")
    if not (batch.isdecimal() and batch.isascii() and len(batch) < 19):
        raise UsageError(f"A quarantined record is named BATCH:LINE (see `atlas quarantine list`), not {text!r}.")
    if not colon:
        return int(batch), None
    if not (line.isdecimal() and line.isascii() and len(line) < 19):
        raise UsageError(f"A quarantined record is named BATCH:LINE (see `atlas quarantine list`), not {text!r}.")
    return int(batch), int(line)


def list_quarantined(
    connection: Connection[TupleRow],
    *,
    source: str | None = None,
    batch_id: int | None = None,
    line: int | None = None,
    include_resolved: bool = False,
    limit: int = 100,
) -> list[Quarantined]:
    """Refused records, newest batch first."""
    rows = connection.execute(
        """
        select
            q.batch_id, q.line, b.system || '.' || b.entity, b.source_name, q.reason, q.detail,
            (
                select sum(length(p.raw)) from explore.quarantine as p
                where p.batch_id = q.batch_id and p.line = q.line
            )::bigint,
            b.received_at, q.resolved_by,
            -- Of a replay that brought both, the landing table knows which is which.
            case when r.duplicate = 0 then 'accepted' when r.accepted = 0 then 'duplicate' end
        from explore.quarantine as q
        inner join explore.batches as b on b.batch_id = q.batch_id
        left join explore.batches as r on r.batch_id = q.resolved_by
        where
            q.part = 0
            and (%(source)s::text is null or b.system || '.' || b.entity = %(source)s)
            and (%(batch)s::bigint is null or q.batch_id = %(batch)s)
            and (%(line)s::bigint is null or q.line = %(line)s)
            and (%(resolved)s or q.resolved_at is null)
        order by q.batch_id desc, q.line
        limit %(limit)s
        """,
        {"source": source, "batch": batch_id, "line": line, "resolved": include_resolved, "limit": limit},
    )
    return [_resolved(connection, Quarantined(*row)) for row in rows.fetchall()]


def _resolved(connection: Connection[TupleRow], record: Quarantined) -> Quarantined:
    """The record with its resolution, where the ledger alone doesn't tell it."""
    if record.resolved_by is None or record.resolution is not None:
        return record
    table = sql.Identifier("explore", landing_table(*record.source.split(".")))
    query = sql.SQL("select from {} where batch_id = %s and line = %s").format(table)
    landed = connection.execute(query, [record.resolved_by, record.line]).rowcount
    return replace(record, resolution="accepted" if landed else "duplicate")


def show_quarantined(connection: Connection[TupleRow], reference: str) -> tuple[Quarantined, bytes]:
    """One refused record with its raw bytes.

    Raises:
        UsageError: there is no such record.
    """
    batch_id, line = parse_reference(reference)
    if line is None:
        raise UsageError(f"Name one record, BATCH:LINE, not a whole batch ({reference}).")
    found = list_quarantined(connection, batch_id=batch_id, line=line, include_resolved=True, limit=1)
    row = connection.execute(
        "select string_agg(raw, '' order by part) from explore.quarantine where batch_id = %s and line = %s",
        [batch_id, line],
    ).fetchone()
    if not found or row is None:
        raise UsageError(f"No record {reference} is in quarantine.")
    return found[0], bytes(row[0])


def replay(
    connection: Connection[TupleRow],
    sources: dict[str, Source],
    reference: str,
    *,
    mended: bytes | None = None,
) -> Receipt:
    """Try refused records again, under the contract as it stands now; those that hold it are landed as a new batch.

    What is refused again stays where it is. What had landed before is closed as a duplicate of that. A replay that
    takes nothing leaves no batch.

    Args:
        connection: in autocommit mode.
        sources: the declared sources.
        reference: ``BATCH`` or ``BATCH:LINE``.
        mended: the record as it should have come (JSON, or a CSV row), in place of the one quarantined.

    Raises:
        UsageError: there is nothing to replay, or the source isn't declared any more.
    """
    batch_id, line = parse_reference(reference)
    if mended is not None and line is None:
        raise UsageError("A mended record takes the place of one record: name it BATCH:LINE.")
    started = time.monotonic()
    row = connection.execute(
        "select system || '.' || entity, format, csv_header, snapshot_at from explore.batches where batch_id = %s",
        [batch_id],
    ).fetchone()
    if row is None:
        raise UsageError(f"There is no batch {batch_id}.")
    name, file_format, csv_header, snapshot_at = row
    source = sources.get(name)
    if source is None:
        raise UsageError(f"The source {name} of batch {batch_id} isn't declared any more.")

    with clear_errors():
        received_at = prepare(connection, source)
        with tempfile.TemporaryFile(prefix="atlas-replay-") as file, connection.transaction():
            connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"replay {batch_id}"])
            if mended is None or line is None:
                waiting = _waiting(connection, batch_id, line, source.max_record_bytes)
            else:
                waiting = _mended(connection, batch_id, line, mended)
            as_json = _json_reader(file_format, csv_header, source, mended=mended is not None)
            sorted_out = _sort_out(waiting, as_json, compile_contract(source).check, file)
            if not sorted_out.tried:
                raise UsageError(f"Nothing of {reference} is waiting in quarantine.")
            if not sorted_out.passed:
                return Receipt(
                    source=source.name,
                    name=f"replay of {reference}",
                    outcome="refused",
                    batch_id=None,
                    read=sorted_out.tried,
                    quarantined=sorted_out.tried,
                    reasons=dict(sorted_out.reasons),
                    duration_s=time.monotonic() - started,
                    refusal="none of it holds the contract yet",
                )
            written = write_batch(connection, source, lambda _: _spooled(file), received_at, snapshot_at)
            origin = Origin(
                kind="replay",
                name=f"replay of {reference}",
                format=file_format,
                content_sha256=sorted_out.sha256,
                content_bytes=sorted_out.size,
                csv_header=csv_header,
                snapshot_at=snapshot_at,
            )
            enter_in_ledger(connection, source, origin, received_at, written)
            connection.execute(
                "update explore.quarantine set resolved_by = %s, resolved_at = statement_timestamp()"
                " where batch_id = %s and line = any(%s)",
                [written.batch_id, batch_id, sorted_out.passed],
            )
    return Receipt(
        source=source.name,
        name=origin.name,
        outcome="landed",
        batch_id=written.batch_id,
        read=sorted_out.tried,
        accepted=written.accepted,
        duplicate=written.duplicate,
        quarantined=sorted_out.reasons.total(),
        reasons=dict(sorted_out.reasons),
        drift=dict(written.drift),
        content_bytes=sorted_out.size,
        duration_s=time.monotonic() - started,
    )


def _waiting(
    connection: Connection[TupleRow], batch_id: int, line: int | None, longest: int
) -> Iterator[tuple[int, bytes | None]]:
    """Unresolved records with their raw bytes; None for what is too long to be looked into."""
    with connection.cursor(name="atlas_replay") as cursor:
        cursor.itersize = RECORDS_AT_ONCE
        cursor.execute(
            """
            select line, case when sum(length(raw)) <= %s then string_agg(raw, '' order by part) end
            from explore.quarantine
            where batch_id = %s and (%s::bigint is null or line = %s) and resolved_at is null
            group by line
            order by line
            """,
            [longest, batch_id, line, line],
        )
        yield from cursor


def _mended(
    connection: Connection[TupleRow], batch_id: int, line: int, mended: bytes
) -> Iterator[tuple[int, bytes | None]]:
    """The mended record, if the one it stands for hasn't landed.

    Who mended it into some other record that had landed before may try again: it was closed as a duplicate of that.
    """
    for record in list_quarantined(connection, batch_id=batch_id, line=line, include_resolved=True):
        if record.resolution != "accepted":
            yield line, mended


def _json_reader(
    file_format: str, csv_header: list[str] | None, source: Source, *, mended: bool
) -> Callable[[bytes], bytes]:
    """How to read a quarantined record again; Parquet's rows were kept as JSON."""
    if file_format != "csv" or csv_header is None:
        return lambda raw: raw
    csv.field_size_limit(source.max_record_bytes)
    to_json = row_to_json(csv_header, source)

    def read(raw: bytes) -> bytes:
        # A row that was mended may well come as JSON: it says more than a row can.
        if mended and raw.lstrip().startswith(b"{"):
            return raw
        try:
            rows = [row for row in csv.reader([raw.decode()], strict=True) if row]
        except UnicodeDecodeError as error:
            raise Refusal("invalid_encoding", "not UTF-8") from error
        except csv.Error as error:
            raise Refusal("malformed_csv", str(error)) from error
        if len(rows) != 1 or len(rows[0]) != len(csv_header):
            raise Refusal("ragged_row", f"isn't one row of {len(csv_header)} cells")
        return to_json(rows[0])

    return read


@dataclass
class _SortedOut:
    tried: int
    passed: list[int]
    reasons: Counter[str]
    sha256: bytes
    size: int


def _sort_out(
    waiting: Iterable[tuple[int, bytes | None]], as_json: Callable[[bytes], bytes], check: Check, file: IO[bytes]
) -> _SortedOut:
    """Put the records that hold the contract into ``file``, since the connection can't read and COPY at once."""
    digest = hashlib.sha256()
    result = _SortedOut(0, [], Counter(), b"", 0)
    for number, raw in waiting:
        result.tried += 1
        try:
            record = _again(raw, as_json, check)
        except Refusal as refusal:
            result.reasons[refusal.reason] += 1
            continue
        digest.update(record)
        result.size += len(record)
        result.passed.append(number)
        file.write(SPOOLED.pack(number, len(record)))
        file.write(record)
    result.sha256 = digest.digest()
    file.seek(0)
    return result


def _again(raw: bytes | None, as_json: Callable[[bytes], bytes], check: Check) -> bytes:
    if raw is None:
        raise Refusal("record_too_large", "still too long")
    record = as_json(raw).strip()
    check(record)
    return record


def _spooled(file: IO[bytes]) -> Iterator[Record]:
    while header := file.read(SPOOLED.size):
        number, length = SPOOLED.unpack(header)
        record = file.read(length)
        yield number, record, True, record
