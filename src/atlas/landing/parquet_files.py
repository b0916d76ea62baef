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

    from atlas.landing.readers import Delivery, Record
    from atlas.sources import Source

ROWS_AT_ONCE = 2_000


def read_parquet(delivery: Delivery, source: Source) -> Iterator[Record]:
    """Rows as JSON records, numbered from 1.

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
            for row in _microseconds(batch).to_pylist():
                row_number += 1
                yield row_number, encoder.encode(_without_nan(row)), True


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
    fields = [
        pa.field(f.name, pa.timestamp("us", f.type.tz)) if t.is_timestamp(f.type) and f.type.unit == "ns" else f
        for f in batch.schema
    ]
    return batch.cast(pa.schema(fields), safe=False) if fields != list(batch.schema) else batch


def _without_nan(value: Any) -> Any:
    """NaN and infinity as text: JSON has neither, and msgspec would write them as null, as if nothing were there."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _without_nan(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value
