"""Every format and compression brings the same facts, and tells the same delivery again by its bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from landing_support import (
    START,
    THINGS,
    audit,
    emptied_settings,  # noqa: F401 - a fixture
    land,
    line,
    ndjson,
    payloads,
    rows,
    thing,
    write,
)

from atlas.errors import UsageError
from atlas.landing import land_lines, land_stream, prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from atlas.landing import Receipt

# Each with all fields and none null, in the one way of writing that all formats share.
RECORDS: list[dict[str, Any]] = [
    thing(
        number,
        name=f'Ann "Ä" O\'Neil, {number}\n<b>\\',
        size=number * 10**15,
        amount=Decimal(f"{number}.50"),
        active=number % 2 == 0,
        born_on="1990-02-28",
        token="123e4567-e89b-12d3-a456-426614174000",
        extra={"a": [{"b": None}, {"b": 1}], "é": "€"},
        tags=["x", "", "ÿ,"],
    )
    for number in range(1, 6)
]
CELLS = ("id", "at", "op", "name", "size", "amount", "active", "born_on", "token", "extra", "tags")


def in_json(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"amount": float(record["amount"])}


def as_ndjson() -> bytes:
    # JSON's 1.5 and the decimal 1.50 are two texts of one number, and hashed as texts: see numbers_by_their_text.
    texts = [json.dumps(in_json(r), ensure_ascii=False) for r in RECORDS]
    return "\n".join(text.replace(".5,", ".50,") for text in texts).encode()


def as_csv() -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(CELLS)
    for record in RECORDS:
        as_text = record | {
            "active": "yes" if record["active"] else "0",
            "extra": json.dumps(record["extra"]),
            "tags": json.dumps(record["tags"]),
        }
        writer.writerow([as_text[name] for name in CELLS])
    return file.getvalue().encode()


def as_parquet() -> bytes:
    columns = {name: [record[name] for record in RECORDS] for name in CELLS}
    table = pa.table(
        columns
        | {
            "at": pa.array([datetime.fromisoformat(v) for v in columns["at"]], pa.timestamp("us", "UTC")),
            "born_on": pa.array([date.fromisoformat(v) for v in columns["born_on"]]),
            "amount": pa.array(columns["amount"], pa.decimal128(12, 2)),
            "op": pa.array(columns["op"]).dictionary_encode(),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


FORMATS: dict[str, Callable[[], bytes]] = {"ndjson": as_ndjson, "csv": as_csv, "parquet": as_parquet}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda content: content,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}
STREAMED = [(name, suffix) for name in ("ndjson", "csv") for suffix in COMPRESSIONS]
ALL = [*STREAMED, ("parquet", "")]


def check(connection: psycopg.Connection, receipt: Receipt) -> None:
    assert (receipt.outcome, receipt.accepted, receipt.drift) == ("landed", len(RECORDS), {})
    found = payloads(connection, THINGS, receipt.batch_id)
    assert found == [in_json(record) for record in RECORDS]
    assert [row[:3] for row in rows(connection, THINGS, receipt.batch_id, "key, operation, event_at")] == [
        (record["id"], "upsert", datetime.fromisoformat(record["at"])) for record in RECORDS
    ]


@pytest.mark.parametrize(("kind", "suffix"), ALL)
def test_format_is_told_by_the_name(connection: psycopg.Connection, tmp_path: Path, kind: str, suffix: str) -> None:
    path = write(tmp_path / f"In.{kind.upper()}{suffix}", COMPRESSIONS[suffix](FORMATS[kind]()))
    check(connection, land(connection, THINGS, path))
    assert land(connection, THINGS, path).outcome == "already_landed"


@pytest.mark.parametrize(("kind", "suffix"), ALL)
def test_format_is_given(connection: psycopg.Connection, tmp_path: Path, kind: str, suffix: str) -> None:
    path = write(tmp_path / "delivery.dat", COMPRESSIONS[suffix](FORMATS[kind]()))
    with pytest.raises(UsageError, match="can't tell the format"):
        land(connection, THINGS, path)
    check(connection, land(connection, THINGS, path, declared_format=kind))


@pytest.mark.parametrize(("kind", "suffix"), STREAMED)
def test_format_from_a_stream(connection: psycopg.Connection, kind: str, suffix: str) -> None:
    content = COMPRESSIONS[suffix](FORMATS[kind]())
    receipt = land_stream(connection, THINGS, io.BytesIO(content), declared_format=kind)
    audit(connection, THINGS, receipt)
    check(connection, receipt)
    again = land_stream(connection, THINGS, io.BytesIO(content), declared_format=kind)
    assert (again.outcome, again.batch_id) == ("already_landed", receipt.batch_id)
    audit(connection, THINGS, again)


@pytest.mark.parametrize("second", ["ndjson", "csv", "parquet"])
@pytest.mark.parametrize("first", ["ndjson", "csv", "parquet"])
def test_same_facts_in_another_format_are_duplicates(
    connection: psycopg.Connection, tmp_path: Path, first: str, second: str
) -> None:
    land(connection, THINGS, write(tmp_path / f"first.{first}", FORMATS[first]()))
    # A blank line or a comment in the metadata, so that the bytes differ.
    content = FORMATS[second]()
    if second == "parquet":
        sink = io.BytesIO()
        pq.write_table(pq.read_table(io.BytesIO(content)), sink, compression="zstd")
        content = sink.getvalue()
    else:
        content += b"\n\n"
    receipt = land(connection, THINGS, write(tmp_path / f"second.{second}", content))
    assert (receipt.outcome, receipt.accepted, receipt.duplicate) == ("landed", 0, len(RECORDS))


def test_formats_differ_where_a_format_has_no_word_for_it(connection: psycopg.Connection, tmp_path: Path) -> None:
    """CSV has no null, only nothing; Parquet has no nothing, only null; JSON has both. They are different facts."""
    land(connection, THINGS, write(tmp_path / "null.ndjson", ndjson([thing(1, name=None, size=2)])))
    land(connection, THINGS, write(tmp_path / "absent.ndjson", ndjson([thing(2, size=2)])))
    csv_file = f"id,at,op,name,size\nk1,{thing(1)['at']},upsert,,2\nk2,{thing(2)['at']},upsert,,2\n"
    from_csv = land(connection, THINGS, write(tmp_path / "x.csv", csv_file.encode()))
    assert (from_csv.accepted, from_csv.duplicate) == (1, 1)
    assert payloads(connection, THINGS, from_csv.batch_id) == [thing(1, size=2)]
    table = pa.Table.from_pylist([thing(1, name=None, size=2), thing(2, name=None, size=2)])
    pq.write_table(table.set_column(1, "at", table["at"].cast(pa.timestamp("us", "UTC"))), tmp_path / "x.parquet")
    from_parquet = land(connection, THINGS, tmp_path / "x.parquet")
    assert (from_parquet.accepted, from_parquet.duplicate) == (1, 1)
    assert payloads(connection, THINGS, from_parquet.batch_id) == [thing(2, name=None, size=2)]


def test_numbers_are_known_by_their_text(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A double has one text, a decimal as many as its scale allows: 1.5 and 1.50 are two facts."""
    land(connection, THINGS, write(tmp_path / "a.ndjson", line(1, '"amount": 1.5')))
    again = land(connection, THINGS, write(tmp_path / "b.ndjson", line(1, '"amount": 1.50')))
    assert (again.accepted, again.duplicate) == (1, 0)


def test_content_decides_on_the_compression(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A name can lie: a plain file called .gz, a compressed one without a suffix, one of the other kind."""
    plain, packed, other = (
        write(tmp_path / "a.ndjson.gz", line(1)),
        write(tmp_path / "b.ndjson", gzip.compress(line(2))),
        write(tmp_path / "c.csv.gz", zstandard.compress(b"id,at,op\nk3,2024-01-01T00:03:00Z,upsert\n")),
    )
    assert [land(connection, THINGS, path).accepted for path in (plain, packed, other)] == [1, 1, 1]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_file_of_several_frames_is_read_to_its_end(
    connection: psycopg.Connection, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """As ``cat a.gz b.gz`` and parallel compressors write them."""
    content = b"".join(pack(line(number) + b"\n") for number in range(1, 4))
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson.gz", content))
    assert receipt.accepted == 3


def test_compressed_file_is_known_by_its_own_bytes(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Packed anew it is another delivery, whose changes are all known."""
    for level, expected in ((1, (5, 0)), (9, (0, 5))):
        content = gzip.compress(as_ndjson() * 1, level, mtime=level)
        receipt = land(connection, THINGS, write(tmp_path / f"{level}.ndjson.gz", content))
        assert (receipt.accepted, receipt.duplicate) == expected


def test_slow_pipe(connection: psycopg.Connection) -> None:
    """A pipe gives what it has, a byte at first: the compression and the mark at the beginning are still seen."""
    content = gzip.compress(b"\xef\xbb\xbf" + line(1) + b"\n" + line(2))
    reader, writer = os.pipe()

    def feed() -> None:
        with open(writer, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor
            for piece in (content[:1], content[1:3], content[3:]):
                file.write(piece)
                threading.Event().wait(0.05)

    feeder = threading.Thread(target=feed)
    feeder.start()
    with open(reader, "rb") as file:  # noqa: PTH123 - as standard input is opened
        receipt = land_stream(connection, THINGS, file)
    feeder.join()
    audit(connection, THINGS, receipt)
    assert (receipt.read, receipt.accepted) == (2, 2)


def test_lines_of_a_collector_land_with_its_transaction(connection: psycopg.Connection) -> None:
    lines = [line(1), b"{", line(1), line(2)]
    prepare(connection, THINGS)
    with connection.transaction(force_rollback=True):
        land_lines(connection, THINGS, lines, name="somewhere")
    assert connection.execute("select count(*) from explore.batches").fetchone() == (0,)
    with connection.transaction():
        receipt = land_lines(connection, THINGS, lines, name="somewhere")
    audit(connection, THINGS, receipt)
    assert (receipt.accepted, receipt.duplicate, receipt.reasons) == (2, 1, {"truncated_json": 1})


def test_times_of_the_batch(connection: psycopg.Connection, tmp_path: Path) -> None:
    """The ledger knows the span of the events, and each row the time of its batch's arrival, by the database."""
    before = datetime.now(UTC)
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", ndjson([thing(5), thing(2), thing(9)])))
    found = connection.execute(
        "select first_event_at, last_event_at, received_at, finished_at from explore.batches"
    ).fetchone()
    assert found is not None
    first, last, received, finished = found
    assert (first - START).total_seconds() == 120
    assert (last - START).total_seconds() == 540
    assert before <= received <= finished
    assert {row[0] for row in rows(connection, THINGS, receipt.batch_id, "received_at")} == {received}
