"""Deliveries of every format, as a stream of records in JSON.

A reader yields a ``Record`` for what looks like one and puts aside what can't be one. Memory doesn't grow
with the delivery: files are read in blocks, and a record that is too long never stands in memory as a whole.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from atlas.errors import UsageError
from atlas.landing.contract import may_be_odd
from atlas.landing.receipt import RefusedDelivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.landing.quarantine import Spool
    from atlas.sources import Source

# The line on which it begins, from 1; its JSON; whether that ``may_be_odd``; the bytes as delivered, kept if the
# contract refuses the record.
Record = tuple[int, bytes, bool, bytes]

BLOCK_BYTES = 256 * 1024
TOO_LARGE = "record_too_large"
FORMATS = ("ndjson", "csv", "parquet")
BY_SUFFIX = {".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson", ".csv": "csv", ".parquet": "parquet"}
COMPRESSED_SUFFIXES = (".gz", ".zst")
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def format_of(name: str) -> str | None:
    """The format that a file's name tells (``x.csv.gz`` is csv), or None."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in COMPRESSED_SUFFIXES:
        suffixes.pop()
    return BY_SUFFIX.get(suffixes[-1]) if suffixes else None


class HashingReader(io.RawIOBase):
    """Reads a file through, keeping the SHA-256 and the number of the bytes as delivered."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``; returns how many bytes came, 0 at the end."""
        count = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self.size += count
        self.sha256.update(memoryview(buffer)[:count])
        return int(count)

    def drain(self) -> None:
        """Read what is left, so that the hash covers the whole delivery."""
        while self.read(BLOCK_BYTES):
            pass


@dataclass
class Delivery:
    """An opened delivery.

    Attributes:
        name: for the ledger and for people.
        format: ndjson, csv or parquet.
        raw: hashes what passes.
        csv_header: the columns, once a CSV reader has seen them.
    """

    name: str
    format: str
    raw: HashingReader
    path: Path | None
    csv_header: list[str] | None = None

    def records(self, source: Source, spool: Spool) -> Iterator[Record]:
        """The delivery's records, as JSON; what can't be one goes to ``spool``.

        Raises:
            RefusedDelivery: the delivery as a whole can't be read.
        """
        try:
            if self.format == "parquet":
                from atlas.landing.parquet_files import read_parquet  # noqa: PLC0415 - pyarrow takes its time

                yield from read_parquet(self, source, spool)
            else:
                stream = _decompressed(self.raw)
                if self.format == "csv":
                    from atlas.landing.csv_files import read_csv  # noqa: PLC0415

                    yield from read_csv(self, stream, source, spool)
                else:
                    yield from read_ndjson(stream, source.max_record_bytes, spool)
            self.raw.drain()
        except (EOFError, zlib.error, _arrow_error()) as error:
            raise RefusedDelivery("corrupt_file", " ".join(str(error).split()) or "it ends too early") from error
        except OSError as error:
            if error.errno is None:  # gzip says so of corrupt input
                raise RefusedDelivery("corrupt_file", str(error)) from error
            raise RefusedDelivery("unreadable_file", error.strerror or "reading failed") from error
        if self.raw.size == 0:
            raise RefusedDelivery("empty_file", "it holds no bytes")


def open_delivery(file: IO[bytes], name: str, declared_format: str | None, path: Path | None) -> Delivery:
    """Prepare ``file`` for reading.

    Raises:
        UsageError: the format is neither given nor told by the name.
    """
    found = declared_format or format_of(name)
    if found is None:
        raise UsageError(f"{name}: can't tell the format by the name. Give it: --format {'|'.join(FORMATS)}")
    # A file's name may be any bytes; the ledger takes text.
    name = os.fsencode(name).decode("utf-8", "backslashreplace")
    return Delivery(name=name, format=found, raw=HashingReader(file), path=path)


def read_ndjson(stream: io.BufferedReader, longest: int, spool: Spool) -> Iterator[Record]:
    """Lines that aren't blank, without their line ends.

    Read in blocks and split in C; whether a block holds anything odd is looked up once for all of its lines.
    """
    if stream.peek(3)[:3] == BYTE_ORDER_MARK:
        stream.read(3)
    line = 0
    begun = b""
    while block := stream.read(BLOCK_BYTES):
        block = begun + block
        lines = block.split(b"\n")
        begun = lines.pop()
        odd = may_be_odd(block)
        for record in lines:
            line += 1
            if len(record) > longest:
                spool.add(line, record, TOO_LARGE, f"longer than {longest} bytes")
            elif record and not record.isspace():
                yield line, record, odd, record
        if len(begun) > longest:
            line += 1
            pieces = _rest_of_line(begun, stream)
            spool.add_parts(line, pieces, TOO_LARGE, f"longer than {longest} bytes")
            begun = b""
    if begun and not begun.isspace():
        yield line + 1, begun, True, begun


def _rest_of_line(begun: bytes, stream: io.BufferedReader) -> Iterator[bytes]:
    yield begun
    while piece := stream.readline(BLOCK_BYTES):
        if piece.endswith(b"\n"):
            yield piece[:-1]
            return
        yield piece


def _decompressed(raw: HashingReader) -> io.BufferedReader[Any]:
    """The content; compression is told by the first bytes, whatever the name says."""
    outer = io.BufferedReader(raw, BLOCK_BYTES)
    begins = outer.peek(4)[:4]
    if begins.startswith(GZIP_MAGIC):
        import gzip  # noqa: PLC0415

        return io.BufferedReader(gzip.GzipFile(fileobj=outer), BLOCK_BYTES)
    if begins == ZSTD_MAGIC:
        import pyarrow as pa  # noqa: PLC0415

        # python-zstandard ends a cut-off frame without a word; Arrow says so.
        return io.BufferedReader(_ArrowReader(pa.CompressedInputStream(outer, "zstd")), BLOCK_BYTES)
    return outer


class _ArrowReader(io.RawIOBase):
    """An Arrow input stream as the standard library's kind of file."""

    def __init__(self, stream: Any) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found: bytes = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _arrow_error() -> type[Exception]:
    # Only what has been imported can have been raised.
    arrow = sys.modules.get("pyarrow")
    return arrow.ArrowException if arrow is not None else EOFError
