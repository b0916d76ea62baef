"""CSV that is broken, and CSV that only looks so."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from landing_support import (
    THINGS,
    emptied_settings,  # noqa: F401 - a fixture
    land,
    payloads,
    quarantined,
    rows,
    thing,
    with_fields,
    write,
)

from atlas.source_fields import Field

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

HEADER = b"id,at,op,name,size\n"


def row(number: int, name: str = "x", size: str = "1") -> bytes:
    return f"k{number},{thing(number)['at']},upsert,{name},{size}\n".encode()


# name → (reason, the row)
POISON: dict[str, tuple[str, bytes]] = {
    "ragged_short": ("ragged_row", b"k2,2024-01-01T00:02:00Z,upsert\n"),
    "ragged_long": ("ragged_row", row(2, "a,b")),
    "unclosed_quote": ("unclosed_quote", row(2, '"x')),
    "text_after_a_quote": ("malformed_csv", row(2, '"x"y')),
    "bare_carriage_return": ("malformed_csv", row(2, "a\rb")),
    "wrong_type": ("wrong_type", row(2, "x", "many")),
    "wrong_type_quoted": ("wrong_type", row(2, '"x,""y"""', "1.5")),
    "missing_key": ("missing_field", row(2).replace(b"k2", b"")),
    "only_commas": ("missing_field", b",,,,\n"),
    "nul_byte": ("nul_character", row(2, "a\x00b")),
    "invalid_utf8": ("invalid_encoding", row(2, "X").replace(b"X", b"\xff\xfe")),
    "invalid_utf8_key": ("invalid_encoding", row(2).replace(b"k2", b"k\xc3")),
    "bigint_overflow": ("out_of_range", row(2, "x", "9223372036854775808")),
    "integer_of_5000_digits": ("number_overflow", row(2, "x", "9" * 5000)),
    "nan": ("wrong_type", row(2, "x", "NaN")),
    "json_in_a_row": ("ragged_row", b'{"id": "k2", "op": "upsert"}\n'),
    "too_long": ("record_too_large", row(2, "x" * 1_100_000)),
    "too_long_in_quotes": ("record_too_large", row(2, f'"{"x" * 1_100_000}"')),
}


@pytest.mark.parametrize("name", POISON)
def test_row_is_refused_and_the_rest_lands(connection: psycopg.Connection, tmp_path: Path, name: str) -> None:
    reason, bad = POISON[name]
    path = write(tmp_path / "x.csv", HEADER + row(1) + bad + row(3) + row(4))
    receipt = land(connection, THINGS, path)
    assert (receipt.outcome, receipt.accepted, receipt.reasons) == ("landed", 3, {reason: 1})
    assert [p["id"] for p in payloads(connection, THINGS, receipt.batch_id)] == ["k1", "k3", "k4"]
    assert [found[0] for found in rows(connection, THINGS, receipt.batch_id, "line")] == [2, 4, 5]
    [(line, _, detail, raw)] = quarantined(connection, receipt)
    assert (line, raw) == (3, bad), "a row is kept as it came, not as it was understood"
    assert "k2" not in detail


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte_order_mark"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "no_last_newline"])
def test_ends_and_marks(connection: psycopg.Connection, tmp_path: Path, end: bytes, mark: bytes, last: bool) -> None:
    content = mark + (HEADER + row(1) + b"\n" + row(2, "é") + b"k3,,upsert,,\n").replace(b"\n", end)
    receipt = land(connection, THINGS, write(tmp_path / "x.csv", content if last else content[: -len(end)]))
    assert (receipt.accepted, receipt.reasons, receipt.drift) == (2, {"missing_field": 1}, {})
    assert payloads(connection, THINGS, receipt.batch_id)[1] == thing(2, name="é", size=1)
    assert [number for number, *_ in quarantined(connection, receipt)] == [5]


def test_newlines_within_quotes(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A record is numbered by its first line, and one that is refused keeps all of its lines."""
    content = HEADER + row(1, '"a\nb\r\n""c"""') + row(2, '"d\n\ne"', "x") + row(3)
    receipt = land(connection, THINGS, write(tmp_path / "x.csv", content))
    assert [p["name"] for p in payloads(connection, THINGS, receipt.batch_id)] == ['a\nb\r\n"c"', "x"]
    assert [found[0] for found in rows(connection, THINGS, receipt.batch_id, "line")] == [2, 8]
    assert quarantined(connection, receipt)[0][::3] == (5, row(2, '"d\n\ne"', "x"))


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        (b"id,at,op,name,name\n", "names a column twice"),
        (b"id,at,op,,size\n", "or has one without a name"),
        (b"id,op,name,size\n", "lacks at"),
        (b"name;size\n", "lacks at, id, op"),
        (b'"id,at,op\n', "can't be read"),
        (b"\n", "lacks at, id, op"),
        (b"id,at,op,\xff\xfe\n", "isn't UTF-8"),
        (HEADER.decode().encode("utf-16"), "isn't UTF-8"),
        (b"x" * 1_100_000 + b"\n", "can't be read"),
    ],
    ids=["twice", "no_name", "missing", "semicolons", "unclosed", "blank", "not_utf8", "utf16", "endless"],
)
def test_header_is_wrong(connection: psycopg.Connection, tmp_path: Path, header: bytes, refusal: str) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.csv", header + row(1)))
    assert receipt.outcome == "refused"
    assert receipt.refusal is not None
    assert receipt.refusal.startswith("wrong_schema: ")
    assert refusal in receipt.refusal
    assert connection.execute("select count(*) from explore.quarantine").fetchone() == (0,)


def test_header_alone_is_an_empty_delivery(connection: psycopg.Connection, tmp_path: Path) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.csv", HEADER))
    assert (receipt.outcome, receipt.read) == ("landed", 0)
    assert land(connection, THINGS, write(tmp_path / "none.csv", b"")).refusal == "empty_file: it holds no bytes"


def test_cells_are_read_as_their_types(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Numbers in the ways people write them, Postgres's words for booleans, psql's short offsets, JSON."""
    content = (
        b"id,at,op,size,amount,active,extra,tags,zz\n"
        b"007,2024-01-01 01:01:00+01,upsert, 0042,+.50,T,5,[],1\n"
        b'8,2024-01-01T00:02:00Z,upsert,-00,1e3,off,"{""a"": null}","[""x"",""""]",\n'
        b"9,2024-01-01T00:03:00Z,delete,,,,,,\n"
    )
    receipt = land(connection, THINGS, write(tmp_path / "x.csv", content))
    assert receipt.drift == {"zz": 1}
    assert payloads(connection, THINGS, receipt.batch_id) == [
        {
            "id": "007",
            "at": "2024-01-01 01:01:00+01:00",
            "op": "upsert",
            "size": 42,
            "amount": 0.5,
            "active": True,
            "extra": 5,
            "tags": [],
            "zz": "1",
        },
        thing(2, id="8", size=0, amount=1000, active=False, extra={"a": None}, tags=["x", ""]),
        thing(3, id="9", op="delete"),
    ]
    [*_, last] = rows(connection, THINGS, receipt.batch_id, "key, operation")
    assert last == ("9", "delete")


def test_unclosed_quote_costs_no_more_than_its_file(connection: psycopg.Connection, tmp_path: Path) -> None:
    """The quote swallows all that follows, which is then read again: once, not once per line."""
    content = HEADER + row(1, '"x') + b"".join(row(number) for number in range(2, 30_000))
    source = replace(THINGS, max_record_bytes=16_000_000)
    started = time.monotonic()
    receipt = land(connection, source, write(tmp_path / "x.csv", content))
    assert (receipt.accepted, receipt.reasons) == (29_998, {"unclosed_quote": 1})
    assert time.monotonic() - started < 5


def test_quotes_unclosed_again_and_again(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Each line opens a quote that the next one's closes, with text behind it."""
    content = HEADER + b"".join(row(number, '"x') for number in range(1, 1002))
    receipt = land(connection, THINGS, write(tmp_path / "x.csv", content))
    assert receipt.accepted == 0
    assert receipt.read == receipt.quarantined == 1001


def test_columns_with_odd_names(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Quotes, Unicode and long names in a header are data, not identifiers."""
    odd = ['"', "'; drop schema explore cascade; --", "é" * 100, "%s", "{}", "\\", "a\nb"]
    names = ",".join('"' + name.replace('"', '""') + '"' for name in odd)
    content = f"id,at,op,{names}\nk1,{thing()['at']},upsert,{','.join('x' * len(odd))}\n".encode()
    source = with_fields(Field("'; drop schema explore cascade; --", "text"))
    receipt = land(connection, source, write(tmp_path / "x.csv", content))
    assert payloads(connection, source, receipt.batch_id) == [thing() | dict.fromkeys(odd, "x")]
    assert receipt.drift.keys() == set(odd) - {"'; drop schema explore cascade; --"}
