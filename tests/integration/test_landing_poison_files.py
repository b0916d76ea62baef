"""Files that are broken as a whole, and Parquet with values that no record can hold."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from landing_support import (
    THINGS,
    emptied_settings,  # noqa: F401 - a fixture
    land,
    line,
    payloads,
    quarantined,
    rows,
    thing,
    with_fields,
    write,
)

from atlas.errors import UsageError
from atlas.landing import land_stream
from atlas.source_fields import Field

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)
RANDOM_LINES = b"\n".join(line(n, f'"name": "{hash(("x", n)) % 10**15}"') for n in range(20_000))


def table(**columns: Any) -> pa.Table:
    """Rows of the contract, with more columns, or with others of the same name."""
    count = max([len(column) for column in columns.values()], default=1)
    return pa.table(
        {
            "id": pa.array([f"k{n}" for n in range(1, count + 1)]),
            "at": pa.array([MOMENT] * count, pa.timestamp("us", "UTC")),
            "op": pa.array(["upsert"] * count),
        }
        | columns
    )


def parquet(path: Path, content: pa.Table) -> Path:
    pq.write_table(content, path)
    return path


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
BREAKAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut_in_half": lambda content: content[: len(content) // 2],
    "last_byte_cut": lambda content: content[:-1],
    "only_the_magic": lambda content: content[:4],
    "overwritten": lambda content: content[:5000] + b"\x55" * 500 + content[5500:],
    "garbage_behind": lambda content: content + b"garbage",
    "second_part_cut": lambda content: content + content[:-9],
}


@pytest.mark.parametrize("breakage", BREAKAGES)
@pytest.mark.parametrize("suffix", PACKED)
def test_corrupt_compression_refuses_the_file(
    connection: psycopg.Connection, tmp_path: Path, suffix: str, breakage: str
) -> None:
    """What could be unpacked until then isn't kept: a half file would pass for the whole."""
    content = BREAKAGES[breakage](PACKED[suffix](RANDOM_LINES))
    receipt = land(connection, THINGS, write(tmp_path / f"x.ndjson.{suffix}", content))
    assert receipt.outcome == "refused"
    assert str(receipt.refusal).startswith("corrupt_file: ")
    assert rows(connection, THINGS, None) == []
    assert connection.execute("select count(*) from explore.quarantine").fetchone() == (0,)


@pytest.mark.parametrize("suffix", PACKED)
def test_nothing_in_a_compressed_file(connection: psycopg.Connection, tmp_path: Path, suffix: str) -> None:
    receipt = land(connection, THINGS, write(tmp_path / f"x.ndjson.{suffix}", PACKED[suffix](b"")))
    assert (receipt.outcome, receipt.read) == ("landed", 0)


def test_mended_file_lands_after_its_refusal(connection: psycopg.Connection, tmp_path: Path) -> None:
    path = write(tmp_path / "x.ndjson.gz", gzip.compress(line())[:-3])
    refused = land(connection, THINGS, path)
    assert land(connection, THINGS, path).batch_id != refused.batch_id
    assert land(connection, THINGS, write(path, gzip.compress(line()))).accepted == 1


WRONG_SCHEMA: dict[str, tuple[Callable[[], pa.Table], str]] = {
    "missing_column": (lambda: table().drop_columns(["at"]), "it lacks at"),
    "other_type": (lambda: table(size=pa.array(["1"])), "size is string, declared integer"),
    "float_for_integer": (lambda: table(size=pa.array([1.0])), "size is double, declared integer"),
    "naive_timestamps": (lambda: table(at=pa.array([0], pa.timestamp("us"))), "at is timestamp[us], declared"),
    "date_for_timestamp": (lambda: table(at=pa.array([0], pa.date32())), "at is date32[day], declared timestamptz"),
    "binary_for_text": (lambda: table(name=pa.array([b"x"])), "name is binary, declared text"),
    "text_for_array": (lambda: table(tags=pa.array(["x"])), "tags is string, declared text[]"),
    "array_of_numbers": (lambda: table(tags=pa.array([[1]])), "declared text[]"),
    "numbers_in_dictionary": (lambda: table(name=pa.array([1]).dictionary_encode()), "declared text"),
    "named_twice": (
        lambda: pa.Table.from_arrays([*table().columns, pa.array([1])], names=["id", "at", "op", "id"]),
        "it names a column twice",
    ),
}


@pytest.mark.parametrize("name", WRONG_SCHEMA)
def test_parquet_of_another_schema_is_refused(connection: psycopg.Connection, tmp_path: Path, name: str) -> None:
    made, refusal = WRONG_SCHEMA[name]
    receipt = land(connection, THINGS, parquet(tmp_path / "x.parquet", made()))
    assert receipt.outcome == "refused"
    assert str(receipt.refusal).startswith("wrong_schema: ")
    assert refusal in str(receipt.refusal)


@pytest.mark.parametrize(
    "breakage",
    [
        lambda content: b"",
        lambda content: b"PAR1",
        lambda content: b"no parquet at all",
        lambda content: content[: len(content) // 2],
        lambda content: content[4:],
        lambda content: content[:-100] + b"\xff" * 92 + content[-8:],
        lambda content: content[:20] + b"\xff" * 200 + content[220:],
    ],
    ids=["empty", "magic", "text", "truncated", "beginning_cut", "footer_overwritten", "page_overwritten"],
)
def test_corrupt_parquet_is_refused(
    connection: psycopg.Connection, tmp_path: Path, breakage: Callable[[bytes], bytes]
) -> None:
    sink = io.BytesIO()
    pq.write_table(table(name=pa.array([f"name {n * 7919}" for n in range(5000)])), sink)
    receipt = land(connection, THINGS, write(tmp_path / "x.parquet", breakage(sink.getvalue())))
    assert receipt.outcome == "refused"
    assert str(receipt.refusal).startswith(("corrupt_file: ", "empty_file: "))
    assert rows(connection, THINGS, None) == []


def not_utf8() -> pa.Array:
    offsets = pa.array([0, 1, 2, 3], pa.int32()).buffers()[1]
    return pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xffb")])


# name → (reason, three values of the column zz, of which the second is bad)
POISON: dict[str, tuple[str, Callable[[], Any]]] = {
    "nan": ("wrong_type", lambda: {"amount": pa.array([1.0, float("nan"), 2.0])}),
    "infinity": ("wrong_type", lambda: {"amount": pa.array([1.0, float("-inf"), 2.0])}),
    "null_in_array": ("missing_field", lambda: {"tags": pa.array([["a"], [None], []])}),
    "bigint_overflow": ("out_of_range", lambda: {"size": pa.array([1, 2**64 - 1, 3], pa.uint64())}),
    "nul_character": ("nul_character", lambda: {"name": pa.array(["a", "\x00", "b"])}),
    "nul_nested": ("nul_character", lambda: {"zz": pa.array([{"a": ["x"]}, {"a": ["\x00"]}, None])}),
    "time_without_zone": (
        "no_time_zone",
        lambda: {"at": pa.array([f"2024-01-01T00:00:0{z}" for z in ("1Z", "2", "3Z")])},
    ),
    "null_key": ("missing_field", lambda: {"id": pa.array(["k1", None, "k3"])}),
    "not_utf8": ("unreadable_value", lambda: {"zz": not_utf8()}),
    "not_utf8_declared": ("unreadable_value", lambda: {"name": not_utf8()}),
    "year_300000": ("unreadable_value", lambda: {"zz": pa.array([0, 2**63 - 1, 0], pa.timestamp("us", "UTC"))}),
    "date_of_year_3000000": ("unreadable_value", lambda: {"born_on": pa.array([0, 2**30, 0], pa.date32())}),
}


@pytest.mark.parametrize("name", POISON)
def test_parquet_row_is_refused_and_the_rest_lands(connection: psycopg.Connection, tmp_path: Path, name: str) -> None:
    reason, columns = POISON[name]
    made = table(**columns())
    receipt = land(connection, THINGS, parquet(tmp_path / "x.parquet", made))
    assert (receipt.outcome, receipt.accepted, receipt.reasons) == ("landed", 2, {reason: 1})
    assert [row[0] for row in rows(connection, THINGS, receipt.batch_id, "line")] == [1, 3]
    [(number, _, _, raw)] = quarantined(connection, receipt)
    assert number == 2
    if reason == "unreadable_value":
        # What Python can't say is kept as Arrow says it, bit by bit.
        assert pa.ipc.open_stream(raw).read_all().equals(made.slice(1, 1))
    else:
        assert json.loads(raw).keys() == set(made.column_names)


def test_parquet_types(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Each of Arrow's types that says what a declared type says, and nested ones where JSON or nothing is declared."""
    nanoseconds = pa.array([1_704_067_200_123_456_789, 1], pa.timestamp("ns", "Europe/Berlin"))
    made = table(
        at=pa.array([0, 1], pa.timestamp("ms", "UTC")),
        op=pa.array(["upsert", "delete"]).dictionary_encode(),
        name=pa.array(["a", None], pa.large_string()),
        size=pa.array([-1, 255], pa.int16()),
        amount=pa.array([Decimal("1.50"), Decimal("-0.01")], pa.decimal256(40, 2)),
        active=pa.array([True, None]),
        born_on=pa.array([0, -1], pa.date32()),
        extra=pa.array([{"a": [1, None], "b": {"c": "x"}}, None]),
        tags=pa.array([["x"], []], pa.large_list(pa.string())),
        seen_at=nanoseconds,
        scores=pa.array([[1.25], None]),
        maps=pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
        raw=pa.array([b"\xff\x00", b""]),
        clock=pa.array([1, 2], pa.time64("ns")),
        nested=pa.array([[{"t": 1}], None], pa.list_(pa.struct({"t": pa.timestamp("ns", "UTC")}))),
        none=pa.nulls(2),
    )
    source = with_fields(Field("seen_at", "timestamptz"), Field("scores", "numeric[]"), Field("none", "uuid"))
    receipt = land(connection, source, parquet(tmp_path / "x.parquet", made))
    assert (receipt.accepted, set(receipt.drift)) == (2, {"maps", "raw", "clock", "nested"})
    first, second = payloads(connection, source, receipt.batch_id)
    assert first == {
        "id": "k1",
        "at": "1970-01-01T00:00:00Z",
        "op": "upsert",
        "name": "a",
        "size": -1,
        "amount": 1.5,
        "active": True,
        "born_on": "1970-01-01",
        "extra": {"a": [1, None], "b": {"c": "x"}},
        "tags": ["x"],
        "seen_at": "2024-01-01T01:00:00.123456+01:00",
        "scores": [1.25],
        "maps": [["k", 1]],
        "raw": "/wA=",
        "clock": "00:00:00",
        "nested": [{"t": "1970-01-01T00:00:00Z"}],
        "none": None,
    }
    assert (second["amount"], second["born_on"], second["extra"]) == (-0.01, "1969-12-31", None)
    texts = [row[0] for row in rows(connection, source, receipt.batch_id, "payload ->> 'amount'")]
    assert texts == ["1.50", "-0.01"], "a decimal keeps its scale"


def test_parquet_of_many_row_groups_is_numbered_through(connection: psycopg.Connection, tmp_path: Path) -> None:
    names = [None if n % 1000 == 999 else f"k{n}" for n in range(7000)]
    pq.write_table(table(id=pa.array(names)), tmp_path / "x.parquet", row_group_size=900)
    receipt = land(connection, THINGS, tmp_path / "x.parquet")
    assert (receipt.accepted, receipt.reasons) == (6993, {"missing_field": 7})
    assert [number for number, *_ in quarantined(connection, receipt)] == list(range(1000, 7001, 1000))


def test_parquet_without_rows(connection: psycopg.Connection, tmp_path: Path) -> None:
    receipt = land(connection, THINGS, parquet(tmp_path / "x.parquet", table().slice(0, 0)))
    assert (receipt.outcome, receipt.read) == ("landed", 0)


def test_parquet_needs_a_file(connection: psycopg.Connection) -> None:
    with pytest.raises(UsageError, match="standard input"):
        land_stream(connection, THINGS, io.BytesIO(b"PAR1"), declared_format="parquet")
    assert connection.execute("select count(*) from explore.batches").fetchone() == (0,)


def test_parquet_rows_longer_than_taken(connection: psycopg.Connection, tmp_path: Path) -> None:
    made = table(name=pa.array(["x", "x" * 5000, "x"]))
    receipt = land(connection, replace(THINGS, max_record_bytes=1000), parquet(tmp_path / "x.parquet", made))
    assert (receipt.accepted, receipt.reasons) == (2, {"record_too_large": 1})
    assert thing(1)["id"] == payloads(connection, THINGS, receipt.batch_id)[0]["id"]
