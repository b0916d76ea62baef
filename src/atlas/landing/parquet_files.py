"""Parquet: each row becomes the JSON record that the contract reads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as t

from atlas.errors import UsageError
from atlas.landing.receipt import RefusedDelivery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlas.landing.quarantine import Spool
    from atlas.landing.readers import Delivery, Record
    from atlas.sources import Source

ROWS_AT_ONCE = 2_000
# What Arrow raises for a value that Python has no equal for: invalid UTF-8, the year 300,000, an unknown time zone.
UNREADABLE = (ValueError, OverflowError, LookupError, pa.ArrowException)


def read_parquet(delivery: Delivery, source: Source, spool: Spool) -> Iterator[Record]:
    """Rows as JSON records, numbered from 1; a row that can't be one is put aside as an Arrow stream of that row.

    Raises:
        RefusedDelivery: it isn't Parquet, or its columns can't hold what the contract declares.
        UsageError: it comes from a pipe; Parquet is read from its end.
    """
    if delivery.path is None:
        raise UsageError("Parquet can't be read from standard input: its index stands at the end. Give a file.")
    encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
    with delivery.path.open("rb") as file:
        if not file.read(4):
            return
        file.seek(0)
        try:
            parquet = pq.ParquetFile(file, pre_buffer=False)
        except pa.ArrowException as error:
            raise RefusedDelivery("corrupt_file", " ".join(str(error).split())) from error
        schema = parquet.schema_arrow
        _require_schema(schema, source)
        row_number = 0
        for batch in parquet.iter_batches(batch_size=ROWS_AT_ONCE):
            for row in _rows(batch):
                row_number += 1
                if isinstance(row, dict):
                    record = encoder.encode(_without_nan(row))
                    if len(record) > source.max_record_bytes:
                        longest = source.max_record_bytes
                        spool.add(row_number, record, "record_too_large", f"longer than {longest} bytes")
                    else:
                        yield row_number, record, True, record
                else:
                    columns = ", ".join(_unreadable_columns(row))
                    spool.add(row_number, _arrow_stream(row), "unreadable_value", f"can't be read: {columns}")


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | pa.RecordBatch]:
    """The batch's rows in Python; as batches of one row where that can't be."""
    try:
        rows = _microseconds(batch).to_pylist()
    except UNREADABLE:
        if batch.num_rows == 1:
            yield batch
            return
        for number in range(batch.num_rows):
            yield from _rows(batch.slice(number, 1))
    else:
        yield from rows


def _unreadable_columns(row: pa.RecordBatch) -> Iterator[str]:
    for name in row.schema.names:
        try:
            _microseconds(row.select([name])).to_pylist()
        except UNREADABLE:
            yield name


def _arrow_stream(row: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, row.schema) as writer:
        writer.write_batch(row)
    return bytes(sink.getvalue())


def _require_schema(schema: pa.Schema, source: Source) -> None:
    if len(set(schema.names)) != len(schema.names):
        raise RefusedDelivery("wrong_schema", "it names a column twice")
    found = {field.name: field.type for field in schema}
    missing = sorted(f.name for f in source.fields if f.required and f.name not in found)
    if missing:
        raise RefusedDelivery("wrong_schema", f"it lacks {', '.join(missing)}")
    wrong = [
        f"{f.name} is {found[f.name]}, declared {f.type}"
        for f in source.fields
        if f.name in found and not _fits(found[f.name], f.type)
    ]
    if wrong:
        raise RefusedDelivery("wrong_schema", "; ".join(wrong))


def _is_text(found: pa.DataType) -> bool:
    return bool(t.is_string(found) or t.is_large_string(found) or t.is_string_view(found))


def _fits(found: pa.DataType, declared: str) -> bool:
    if t.is_null(found):
        return True
    if t.is_dictionary(found):
        return _fits(found.value_type, declared)
    if declared.endswith("[]"):
        return (t.is_list(found) or t.is_large_list(found)) and _fits(found.value_type, declared.removesuffix("[]"))
    fitting: dict[str, Callable[[pa.DataType], bool]] = {
        "text": _is_text,
        "integer": t.is_integer,
        "numeric": lambda x: t.is_integer(x) or t.is_floating(x) or t.is_decimal(x),
        "boolean": t.is_boolean,
        "date": t.is_date,
        # Without a zone it says no moment.
        "timestamptz": lambda x: (t.is_timestamp(x) and x.tz is not None) or _is_text(x),
        "uuid": _is_text,
        "json": lambda _: True,
    }
    return bool(fitting[declared](found))


def _microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Python and Postgres know no nanoseconds."""
    fields = [pa.field(f.name, _microsecond_type(f.type)) for f in batch.schema]
    wanted = [f.type for f in fields]
    return batch.cast(pa.schema(fields), safe=False) if wanted != batch.schema.types else batch


def _microsecond_type(found: pa.DataType) -> pa.DataType:
    if t.is_timestamp(found) and found.unit == "ns":
        return pa.timestamp("us", found.tz)
    if t.is_time64(found):
        return pa.time64("us")
    if t.is_duration(found) and found.unit == "ns":
        return pa.duration("us")
    if t.is_list(found):
        return pa.list_(_microsecond_type(found.value_type))
    if t.is_struct(found):
        return pa.struct([pa.field(f.name, _microsecond_type(f.type)) for f in found])
    return found


def _without_nan(value: Any) -> Any:
    """NaN and infinity as text: JSON has neither, and msgspec would write them as null, as if nothing were there."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _without_nan(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value
