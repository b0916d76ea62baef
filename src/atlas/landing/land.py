"""Land deliveries: files, streams, and what collectors bring."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import psycopg

from atlas.errors import DataError, ServiceError, UsageError
from atlas.landing.readers import Delivery, Record, open_delivery
from atlas.landing.receipt import Receipt, RefusedDelivery
from atlas.landing.write import Origin, Written, enter_in_ledger, prepare, write_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.landing.quarantine import Spool
    from atlas.sources import Source


class _AlreadyLanded(Exception):
    def __init__(self, batch_id: int) -> None:
        super().__init__(batch_id)
        self.batch_id = batch_id


def land_file(
    connection: Connection[TupleRow],
    source: Source,
    path: Path,
    *,
    declared_format: str | None = None,
    snapshot_at: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Receipt:
    """Land one file as one batch.

    Args:
        connection: in autocommit mode.
        source: what the file delivers.
        path: the file.
        declared_format: ndjson, csv or parquet, where the name doesn't tell.
        snapshot_at: the moment that a snapshot shows; by default the file's time of last modification.
        progress: called now and then with the number of records read.

    Raises:
        UsageError: the file can't be opened, or its format isn't known.
        ServiceError: the database went away; the batch is rolled back, or committed as a whole.
    """
    try:
        # Looked at before it is opened: opening a named pipe waits for its writer.
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} isn't a regular file. To land a pipe, give - and redirect it.")
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    with file:
        delivery = open_delivery(file, str(path), declared_format, path)
        if source.delivery == "snapshot" and snapshot_at is None:
            snapshot_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        started = time.monotonic()
        known = _known_by_size(connection, source, path.stat().st_size)
        if known:
            digest = hashlib.file_digest(file, "sha256").digest()
            batch_id = known.get((digest, snapshot_at))
            if batch_id is not None:
                return Receipt(
                    source=source.name,
                    name=delivery.name,
                    outcome="already_landed",
                    batch_id=batch_id,
                    content_bytes=path.stat().st_size,
                    duration_s=time.monotonic() - started,
                )
            file.seek(0)
        return _land(connection, source, delivery, snapshot_at, progress)


def land_stream(
    connection: Connection[TupleRow],
    source: Source,
    stream: IO[bytes],
    *,
    declared_format: str | None = None,
    snapshot_at: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Receipt:
    """Land a stream, such as standard input, as one batch; like ``land_file``.

    Raises:
        UsageError: a snapshot comes without its time, or the format can't be read from a stream.
    """
    if source.delivery == "snapshot" and snapshot_at is None:
        raise UsageError(f"{source.name} delivers snapshots: say which moment the stream shows, with --snapshot-at.")
    delivery = open_delivery(stream, "standard input", declared_format or "ndjson", None)
    return _land(connection, source, delivery, snapshot_at, progress)


def land_lines(connection: Connection[TupleRow], source: Source, lines: Iterable[bytes], *, name: str) -> Receipt:
    """Land JSON lines that a collector brings, in the caller's transaction.

    So a collector's checkpoint moves together with what it has read, or not at all.

    Args:
        connection: in a transaction, which the caller commits; ``prepare`` was called before it began.
        source: what the lines are; delivers changes.
        lines: one record each, without line ends.
        name: for the ledger, such as the repository that was read.
    """
    started = time.monotonic()
    digest = hashlib.sha256()
    size = 0

    def records(_spool: Spool) -> Iterator[Record]:
        nonlocal size
        for number, line in enumerate(lines, start=1):
            digest.update(line)
            digest.update(b"\n")
            size += len(line) + 1
            yield number, line, True, line

    with clear_errors():
        arrival = connection.execute("select clock_timestamp()").fetchone()
        if arrival is None:
            raise ServiceError("The database gave no answer.")
        written = write_batch(connection, source, records, arrival[0])
        origin = Origin("collector", name, "ndjson", digest.digest(), size)
        enter_in_ledger(connection, source, origin, written.received_at, written)
    return _receipt(source, name, written, size, started)


def _land(
    connection: Connection[TupleRow],
    source: Source,
    delivery: Delivery,
    snapshot_at: datetime | None,
    progress: Callable[[int], None] | None,
) -> Receipt:
    started = time.monotonic()

    def origin() -> Origin:
        return Origin(
            kind="file",
            name=delivery.name,
            format=delivery.format,
            content_sha256=delivery.raw.sha256.digest(),
            content_bytes=delivery.raw.size,
            csv_header=delivery.csv_header,
            snapshot_at=snapshot_at,
        )

    with clear_errors():
        received_at = prepare(connection, source)
        try:
            with connection.transaction():
                written = write_batch(
                    connection,
                    source,
                    lambda spool: delivery.records(source, spool),
                    received_at,
                    snapshot_at,
                    progress,
                )
                _refuse_known(connection, source, origin())
                _refuse_empty_snapshot(source, written)
                enter_in_ledger(connection, source, origin(), received_at, written)
        except _AlreadyLanded as known:
            return Receipt(
                source=source.name,
                name=delivery.name,
                outcome="already_landed",
                batch_id=known.batch_id,
                content_bytes=delivery.raw.size,
                duration_s=time.monotonic() - started,
            )
        except RefusedDelivery as refused:
            with suppress(OSError):  # what made it unreadable
                delivery.raw.drain()
            batch_id = enter_in_ledger(connection, source, origin(), received_at, None, refusal=str(refused))
            return Receipt(
                source=source.name,
                name=delivery.name,
                outcome="refused",
                batch_id=batch_id,
                content_bytes=delivery.raw.size,
                duration_s=time.monotonic() - started,
                refusal=str(refused),
            )
    return _receipt(source, delivery.name, written, delivery.raw.size, started)


def _receipt(source: Source, name: str, written: Written, size: int, started: float) -> Receipt:
    return Receipt(
        source=source.name,
        name=name,
        outcome="landed",
        batch_id=written.batch_id,
        read=written.read,
        accepted=written.accepted,
        duplicate=written.duplicate,
        quarantined=written.quarantined,
        reasons=dict(written.reasons.most_common()),
        drift=dict(written.drift.most_common()),
        content_bytes=size,
        duration_s=time.monotonic() - started,
    )


def _known_by_size(
    connection: Connection[TupleRow], source: Source, size: int
) -> dict[tuple[bytes, datetime | None], int]:
    """Deliveries of this size in the ledger: only then is it worth reading a file once more, for its hash."""
    rows = connection.execute(
        "select content_sha256, snapshot_at, batch_id from explore.batches"
        " where system = %s and entity = %s and content_bytes = %s and outcome = 'landed' and origin = 'file'",
        [source.system, source.entity, size],
    )
    return {(bytes(digest), snapshot_at): batch_id for digest, snapshot_at, batch_id in rows}


def _refuse_known(connection: Connection[TupleRow], source: Source, origin: Origin) -> None:
    known = _known_by_size(connection, source, origin.content_bytes)
    batch_id = known.get((origin.content_sha256, origin.snapshot_at))
    if batch_id is not None:
        raise _AlreadyLanded(batch_id)


def _refuse_empty_snapshot(source: Source, written: Written) -> None:
    if source.delivery == "snapshot" and written.accepted == 0:
        if not written.read:
            raise RefusedDelivery("empty_snapshot", "it would mean that everything was deleted")
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in written.reasons.most_common())
        first = "; ".join(written.first_refused)
        raise RefusedDelivery(
            "wrong_records",
            f"none of its {written.read:,} records holds the contract ({reasons}). The first: {first}",
        )


@contextmanager
def clear_errors() -> Iterator[None]:
    """Say what the database's errors mean for the delivery."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise ServiceError("The database's disk is full; nothing of the delivery was landed.") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ServiceError(
            f"The connection to the database was lost ({reason}). The delivery is landed as a whole or not at all; "
            "land it again: what is there already is recognised."
        ) from error
    except psycopg.DataError as error:
        raise DataError(
            f"The database refused a record that the contract let pass ({str(error).strip().splitlines()[0]}). "
            "Nothing of the delivery was landed. This is a gap in Atlas: please report it."
        ) from error
