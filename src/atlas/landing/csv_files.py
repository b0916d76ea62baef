"""CSV with a header: each row becomes the JSON record that its columns' declared types make of it."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import msgspec

from atlas.landing.receipt import RefusedDelivery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlas.landing.quarantine import Spool
    from atlas.landing.readers import Delivery, Record
    from atlas.sources import Source

INTEGER = re.compile(r"\+?(-?)0*([0-9]+)")
NUMBER = re.compile(r"\+?(-?)0*([0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?")
SHORT_OFFSET = re.compile(r"[+-][0-9]{2}$")
# As Postgres reads them.
TRUE, FALSE = (
    frozenset({"true", "t", "yes", "y", "on", "1"}),
    frozenset({"false", "f", "no", "n", "off", "0"}),
)


class _TooLong(Exception):
    pass


class _Lines:
    """The physical lines of a CSV file, with those of the record under way kept and given back on demand."""

    def __init__(self, stream: io.BufferedReader, longest: int) -> None:
        self._stream = stream
        self._longest = longest
        self._given_back: list[bytes] = []
        self.pending: list[bytes] = []
        self._pending_bytes = 0
        self.line = 0
        """Number of the line before the record under way."""

    def __iter__(self) -> Iterator[str]:
        while True:
            raw = self._given_back.pop() if self._given_back else self._stream.readline(self._longest + 1)
            if not raw:
                return
            self.pending.append(raw)
            self._pending_bytes += len(raw)
            if self._pending_bytes > self._longest:
                raise _TooLong
            # Invalid bytes become lone surrogates, which no JSON can hold: they are found when it is made.
            yield raw.decode("utf-8", "surrogateescape")

    def take(self) -> tuple[int, bytes]:
        """The record that was just read: its first line's number and its bytes."""
        first, raw = self.line + 1, b"".join(self.pending)
        self.line += len(self.pending)
        self._clear()
        return first, raw

    def take_first(self) -> tuple[int, bytes, bool]:
        """Only the first line of what was read, and whether it is whole; the rest is read again."""
        first = self.pending[0]
        self._given_back.extend(reversed(self.pending[1:]))
        self._clear()
        self.line += 1
        return self.line, first, first.endswith(b"\n") or len(first) <= self._longest

    def _clear(self) -> None:
        self.pending.clear()
        self._pending_bytes = 0

    def rest_of_line(self) -> Iterator[bytes]:
        """What follows of a line that was cut because of its length."""
        while piece := self._stream.readline(1024 * 1024):
            yield piece
            if piece.endswith(b"\n"):
                return


def read_csv(delivery: Delivery, stream: io.BufferedReader, source: Source, spool: Spool) -> Iterator[Record]:
    """Rows as JSON records. An empty cell is an absent value, since CSV knows no other.

    Raises:
        RefusedDelivery: there is no header, or it lacks a column that the contract requires.
    """
    if stream.peek(3)[:3] == b"\xef\xbb\xbf":
        stream.read(3)
    csv.field_size_limit(source.max_record_bytes)
    lines = _Lines(stream, source.max_record_bytes)
    if delivery.csv_header is None:
        delivery.csv_header = _header(lines, source)
        if delivery.csv_header is None:
            return
    header = delivery.csv_header
    to_json = row_to_json(header, source)
    reader = csv.reader(lines, strict=True)
    while True:
        try:
            row = next(reader, None)
        except (csv.Error, _TooLong) as error:
            _refuse_line(lines, spool, error, source.max_record_bytes)
            reader = csv.reader(lines, strict=True)
            continue
        if row is None:
            return
        line, raw = lines.take()
        if not row:
            continue
        if len(row) != len(header):
            spool.add(line, raw, "ragged_row", f"has {len(row)} cells, the header has {len(header)}")
            continue
        try:
            record = to_json(row)
        except UnicodeEncodeError:
            spool.add(line, raw, "invalid_encoding", "not UTF-8")
            continue
        yield line, record, True, raw


def _header(lines: _Lines, source: Source) -> list[str] | None:
    try:
        header = next(csv.reader(lines, strict=True), None)
    except (csv.Error, _TooLong) as error:
        raise RefusedDelivery("wrong_schema", "the header can't be read") from error
    lines.take()
    if header is None:
        return None
    if len(set(header)) != len(header) or not all(header):
        raise RefusedDelivery("wrong_schema", "the header names a column twice, or has one without a name")
    try:
        "".join(header).encode()
    except UnicodeEncodeError as error:
        raise RefusedDelivery("wrong_schema", "the header isn't UTF-8") from error
    missing = sorted(f.name for f in source.fields if f.required and f.name not in header)
    if missing:
        raise RefusedDelivery("wrong_schema", f"the header lacks {', '.join(missing)}")
    return header


def _refuse_line(lines: _Lines, spool: Spool, error: Exception, longest: int) -> None:
    line, raw, whole = lines.take_first()
    if not whole:

        def pieces() -> Iterator[bytes]:
            yield raw
            yield from lines.rest_of_line()

        spool.add_parts(line, pieces(), "record_too_large", f"longer than {longest} bytes")
    elif isinstance(error, _TooLong) or "unexpected end" in str(error):
        # A quote that is never closed would swallow the rest of the file: only its own line is refused.
        spool.add(line, raw, "unclosed_quote", "a quoted cell begins and doesn't end")
    else:
        spool.add(line, raw, "malformed_csv", str(error))


def row_to_json(header: list[str], source: Source) -> Callable[[list[str]], bytes]:
    """How to make a row of cells the JSON record that the contract reads.

    A cell that doesn't fit its column's type stays text, which the contract then refuses by name.
    """
    types = {f.name: f.type for f in source.fields}
    cells = [
        (
            name,
            CELLS.get(types.get(name, "text"), _json_cell if types.get(name, "").endswith("[]") else _text),
        )
        for name in header
    ]
    encode = msgspec.json.encode

    def to_json(row: list[str]) -> bytes:
        return encode({name: cell(text) for (name, cell), text in zip(cells, row, strict=True) if text != ""})

    return to_json


def _text(cell: str) -> Any:
    return cell


def _integer(cell: str) -> Any:
    found = INTEGER.fullmatch(cell.strip())
    return msgspec.Raw((found[1] + found[2]).encode()) if found else cell


def _number(cell: str) -> Any:
    found = NUMBER.fullmatch(cell.strip())
    if found is None or not (found[2] or found[3] or "0" in cell):
        return cell
    return msgspec.Raw(f"{found[1]}{found[2] or '0'}{found[3] or ''}{found[4] or ''}".encode())


def _boolean(cell: str) -> Any:
    word = cell.strip().lower()
    return True if word in TRUE else False if word in FALSE else cell


def _time(cell: str) -> Any:
    # psql writes whole-hour offsets without minutes.
    return f"{cell}:00" if SHORT_OFFSET.search(cell) and ":" in cell else cell


def _json_cell(cell: str) -> Any:
    try:
        msgspec.json.decode(cell)
    except (msgspec.MsgspecError, RecursionError):
        return cell
    return msgspec.Raw(cell.encode())


CELLS: dict[str, Callable[[str], Any]] = {
    "integer": _integer,
    "numeric": _number,
    "boolean": _boolean,
    "timestamptz": _time,
    "json": _json_cell,
}
