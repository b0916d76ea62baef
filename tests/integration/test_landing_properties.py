"""Whatever the bytes: nothing raises, nothing is unaccounted for, and what was taken can be read and cast by all."""

from __future__ import annotations

import gzip
import io
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jinja2
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from landing_support import (
    FIELDS,
    THINGS,
    content_of,
    land,
    line,
    payloads,
    rows,
    with_fields,
    write,
)
from psycopg import sql

from atlas.database import connect
from atlas.landing.write import prepare
from atlas.source_fields import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.settings import Settings

PROPERTY = settings(max_examples=200, deadline=None, derandomize=bool(os.environ.get("CI")))
HEADER = b"id,at,op,name,size,amount,extra\n"
PIECES = [
    line(1),
    line(2, '"zz": {"a": [1e5, null]}'),
    line(3, '"id": 1'),
    b"k4,2024-01-01T00:00:00Z,upsert,x,1,1.5,{}",
    b'"k""5",2024-01-01T00:00:00Z,delete,"a\nb",,,',
    b'{"id":"',
    HEADER,
    b"\n",
    b"\r\n",
    b"\r",
    b'"',
    b",",
    b"\\",
    b"\\u0000",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"1e999999999",
    b"[" * 300,
]


@pytest.fixture(scope="module")
def connection(database: Settings) -> Iterator[psycopg.Connection]:
    with connect(database) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


def check(connection: psycopg.Connection, path: Path) -> None:
    """Land, audited, and read back what was taken."""
    receipt = land(connection, THINGS, path)
    if receipt.outcome == "landed":
        kept = dict(rows(connection, THINGS, receipt.batch_id, "line, payload::text"))
        assert len(kept) == receipt.accepted
        lines = content_of(path).removeprefix(b"\xef\xbb\xbf").split(b"\n") if path.suffix == ".ndjson" else []
        for number, payload in kept.items():
            value = json.loads(payload, parse_float=Decimal)
            assert value["id"] is not None
            if lines:
                assert value == json.loads(lines[number - 1], parse_float=Decimal)


content = st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))


@PROPERTY
@given(content)
@example(b"\xef\xbb\xbf" + line(1) + b"\n\n" + line(2) + b"\r\n{")
def test_any_bytes_as_json_lines(connection: psycopg.Connection, folder: Path, content: bytes) -> None:
    check(connection, write(folder / "x.ndjson", content))


@PROPERTY
@given(content, st.booleans())
@example(b'a,"\n"b\n"c', True)
def test_any_bytes_as_csv(connection: psycopg.Connection, folder: Path, content: bytes, headed: bool) -> None:
    check(connection, write(folder / "x.csv", HEADER + content if headed else content))


@PROPERTY
@given(st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join), st.data())
def test_any_damage_to_gzip(connection: psycopg.Connection, folder: Path, content: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(content, mtime=0)
    place = data.draw(st.integers(0, len(packed)))
    damaged = packed[:place] + data.draw(st.binary(max_size=3)) + packed[place + data.draw(st.integers(0, 3)) :]
    # A name by which the audit doesn't try to unpack it.
    receipt = land(connection, THINGS, write(folder / "damaged.zip", damaged), declared_format="ndjson")
    if damaged == packed and content:
        assert receipt.outcome in {"landed", "already_landed"}


def parquet() -> bytes:
    moments = [datetime(2024, 1, 1, 0, 0, n, tzinfo=UTC) for n in range(40)]
    table = pa.table(
        {
            "id": [f"k{n}" for n in range(40)],
            "at": pa.array(moments, pa.timestamp("us", "UTC")),
            "op": pa.array(["upsert"] * 40).dictionary_encode(),
            "name": [f"name {n}" for n in range(40)],
            "amount": pa.array([Decimal(n) for n in range(40)], pa.decimal128(9, 2)),
            "tags": [["a", "b"]] * 40,
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="none", write_statistics=False)
    return sink.getvalue()


PARQUET = parquet()


@PROPERTY
@given(st.integers(0, len(PARQUET) - 1), st.binary(max_size=4), st.integers(0, 4))
def test_any_damage_to_parquet(
    connection: psycopg.Connection, folder: Path, place: int, inserted: bytes, removed: int
) -> None:
    """Also where a byte within a page makes text that isn't UTF-8, or a time that no calendar has."""
    check(connection, write(folder / "x.parquet", PARQUET[:place] + inserted + PARQUET[place + removed :]))


# What was taken can be cast -------------------------------------------------------------------------------------------

TYPED = with_fields(
    Field("seen_at", "timestamptz"),
    Field("times", "timestamptz[]"),
    Field("sizes", "integer[]"),
    Field("scores", "numeric[]"),
    Field("flags", "boolean[]"),
    Field("days", "date[]"),
    Field("tokens", "uuid[]"),
    Field("notes", "json[]"),
    Field("o\"d'd {{ x }} %s é", "integer"),
    entity="typed",
)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
zones = st.one_of(
    st.sampled_from(["Z", "z", "+00:00", "-00:00", "+15:59", "+16:00", "-23:59", "+2359", "-1600"]),
    st.from_regex(r"\A[+-]([01][0-9]|2[0-3]):?[0-5][0-9]\Z"),
)
times = st.builds(
    lambda moment, mark, fraction, zone: json.dumps(f"{moment.date()}{mark}{moment:%H:%M:%S}{fraction}{zone}"),
    st.one_of(st.datetimes(), st.sampled_from([datetime.min, datetime.max])),  # noqa: DTZ901 - the zone is added
    st.sampled_from("Tt "),
    st.one_of(st.just(""), st.from_regex(r"\A\.[0-9]{1,9}\Z"), st.just("." + "9" * 119)),
    zones,
)
days = st.one_of(st.dates(), st.sampled_from([date.min, date.max])).map(lambda day: json.dumps(day.isoformat()))
whole = st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([-(2**63), 2**63 - 1])).map(str)
numbers = st.one_of(
    whole,
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?\Z"),
    st.sampled_from(
        ["1e1000", "-1E-1000", "9" * 399, "0." + "0" * 390 + "1", "-0", "-0.0e-0", '"1e+0300"', '"-00.50"']
    ),
)
uuids = st.uuids().flatmap(lambda u: st.sampled_from([str(u), u.hex, str(u).upper()])).map(json.dumps)
documents = st.recursive(
    st.one_of(st.none(), st.booleans(), text).map(json.dumps) | numbers.filter(lambda n: not n.startswith("-0")),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]"),
    max_leaves=4,
)
VALUES: dict[str, st.SearchStrategy[str]] = {
    "text": text.map(json.dumps),
    "integer": whole,
    "numeric": numbers | numbers.map(lambda n: n if n.startswith('"') else f'"{n}"'),
    "boolean": st.sampled_from(["true", "false"]),
    "timestamptz": times,
    "date": days,
    "uuid": uuids,
    "json": documents,
}
KNOWN = {f.name: f.type for f in TYPED.fields if f.name not in {"id", "op"}}


def value_of(kind: str) -> st.SearchStrategy[str]:
    if kind.endswith("[]"):
        return st.lists(VALUES[kind[:-2]], max_size=3).map(lambda items: f"[{','.join(items)}]")
    return VALUES[kind]


members = st.fixed_dictionaries(
    {"at": times}, optional={name: value_of(kind) | st.just("null") for name, kind in KNOWN.items() if name != "at"}
)
# Values that only nearly fit are told from those that do by the contract, or by the casts.
nearly = st.sampled_from(["1e400", "1.0", "1e2", '"1"', '"2024-01-01T00:00:00.%sZ"' % ("9" * 120), '"NaN"', '"1e5000"'])
mixed = st.builds(lambda record, name, value: record | {name: value}, members, st.sampled_from(sorted(KNOWN)), nearly)


@pytest.fixture(scope="module")
def taken() -> Iterator[list[int]]:
    """How many records were taken: a property over refused ones, which nobody casts, would hold whatever the casts."""
    counts: list[int] = []
    yield counts
    # About one in each example, by chance a few more or fewer.
    assert sum(counts) > len(counts) / 2


@pytest.fixture(scope="module")
def typed_columns(connection: psycopg.Connection, project: Path) -> sql.Composed:
    """The columns of a typed explore view, made by the project's own macros."""
    engine = project / "macros" / "engine"
    names = ("sql_text", "cast_rfc3339", "cast_text", "json_field")
    source = "".join((engine / f"{name}.sql").read_text() for name in names)
    macros: Any = SimpleNamespace()
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - makes SQL
    environment.globals |= {
        "adapter": SimpleNamespace(dispatch=lambda name: getattr(macros.module, f"postgres__{name}")),
        "dbt": SimpleNamespace(
            string_literal=lambda value: f"'{value}'", escape_single_quotes=lambda value: value.replace("'", "''")
        ),
    }
    macros.module = environment.from_string(source).module
    prepare(connection, TYPED)
    columns = [macros.module.json_field("payload", field.name, field.type) for field in TYPED.fields]
    return sql.SQL(", ").join(sql.SQL("({})::text").format(sql.SQL(column)) for column in columns)


@PROPERTY
@given(st.lists(members | mixed, min_size=1, max_size=8))
def test_whatever_was_taken_can_be_cast(
    connection: psycopg.Connection,
    folder: Path,
    typed_columns: sql.Composed,
    taken: list[int],
    found: list[dict[str, str]],
) -> None:
    """One row that can't be would break every build from then on."""
    connection.execute("delete from explore.batches where entity = 'typed'")
    connection.execute("delete from explore.raw_test__typed")
    lines = [
        "{" + ", ".join([f'"id": "{n}"', '"op": "upsert"', *(f"{json.dumps(k)}: {v}" for k, v in record.items())]) + "}"
        for n, record in enumerate(found)
    ]
    receipt = land(connection, TYPED, write(folder / "typed.ndjson", "\n".join(lines).encode()))
    # A literal, since with parameters a % in a column's name would be one, too.
    query = sql.SQL("select {} from explore.{} where batch_id = {}").format(
        typed_columns, sql.Identifier(TYPED.landing_table), receipt.batch_id
    )
    cast = connection.execute(query).fetchall()
    taken.append(receipt.accepted)
    kept = payloads(connection, TYPED, receipt.batch_id)
    assert len(cast) == receipt.accepted
    by_id = {row[0]: row for row in cast}
    for record in kept:
        row = dict(zip((f.name for f in TYPED.fields), by_id[record["id"]], strict=True))
        assert {name for name, value in row.items() if value is not None} == {
            name for name, value in record.items() if value is not None
        }


def test_every_type_is_cast() -> None:
    assert (
        {f.type.removesuffix("[]") for f in FIELDS} <= {f.type.removesuffix("[]") for f in TYPED.fields} == set(VALUES)
    )
