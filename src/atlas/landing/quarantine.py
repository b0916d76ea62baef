"""Refused records, on their way to where they are kept with their raw bytes."""

from __future__ import annotations

import struct
import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Self

from atlas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from psycopg import Cursor
    from psycopg.rows import TupleRow

COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_TRAILER = struct.pack(">h", -1)
# A long record is kept in parts of this size, so that none of it has to stand in memory as a whole.
PART_BYTES = 4 * 1024 * 1024
LONGEST_DETAIL = 500
CHUNK_BYTES = 256 * 1024
FIRST_SHOWN = 3


class Spool:
    """Collects a batch's refused records on disk, ready for COPY, while another COPY holds the connection.

    Attributes:
        reasons: records by reason code.
        first: the first of them in words: line, reason and detail.
    """

    def __init__(self, batch_id: int) -> None:
        self.reasons: Counter[str] = Counter()
        self.first: list[str] = []
        self._batch = _field(struct.pack(">q", batch_id))
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="atlas-quarantine-")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what it still held back has no room, and nobody wants it any more
            self._file.close()

    @property
    def count(self) -> int:
        """How many records were refused."""
        return self.reasons.total()

    def add(self, line: int, raw: bytes, reason: str, detail: str) -> None:
        """Keep a record of usual size."""
        self.add_parts(line, iter([raw]), reason, detail)

    def add_parts(self, line: int, pieces: Iterator[bytes], reason: str, detail: str) -> None:
        """Keep a record that comes in pieces of any size."""
        # What a detail quotes (a column's name) may hold what Postgres can't store as text.
        detail = detail.replace("\x00", "\ufffd")[:LONGEST_DETAIL].encode("utf-8", "replace").decode()
        part = 0
        buffer = bytearray()
        for piece in pieces:
            buffer += piece
            while len(buffer) > PART_BYTES:
                self._write(line, part, reason, detail, bytes(buffer[:PART_BYTES]))
                del buffer[:PART_BYTES]
                part += 1
        self._write(line, part, reason, detail, bytes(buffer))
        self.reasons[reason] += 1
        if len(self.first) < FIRST_SHOWN:
            self.first.append(f"line {line}, {reason}: {detail}")

    def _write(self, line: int, part: int, reason: str, detail: str, raw: bytes) -> None:
        row = (
            struct.pack(">h", 6),
            self._batch,
            _field(struct.pack(">q", line)),
            _field(struct.pack(">i", part)),
            _field(reason.encode()),
            _field(detail.encode()),
            _field(raw),
        )
        with _explaining():
            self._file.write(b"".join(row))

    def copy_to(self, cursor: Cursor[TupleRow]) -> None:
        """Write what was collected to ``explore.quarantine``."""
        if not self.reasons:
            return
        with _explaining():
            self._file.seek(0)
        with cursor.copy(
            "copy explore.quarantine (batch_id, line, part, reason, detail, raw) from stdin (format binary)"
        ) as copy:
            copy.write(COPY_HEADER)
            while chunk := self._file.read(CHUNK_BYTES):
                copy.write(chunk)
            copy.write(COPY_TRAILER)


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ServiceError(
            f"Refused records can't be put aside in {tempfile.gettempdir()} ({error.strerror}); "
            "nothing of the delivery was landed. Make room there, or set TMPDIR to a directory that has some."
        ) from error


def _field(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value
