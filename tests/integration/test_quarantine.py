"""Refused records: found, shown as they came, and landed at last."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_support import (
    STATES,
    THINGS,
    atlas,
    audit,
    emptied_settings,  # noqa: F401 - a fixture
    land,
    line,
    ndjson,
    payloads,
    quarantined,
    rows,
    thing,
    with_fields,
    write,
)

from atlas.errors import UsageError
from atlas.landing.replay import list_quarantined, parse_reference, replay, show_quarantined
from atlas.source_fields import Field

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.landing import Receipt
    from atlas.sources import Source

LOOSE = with_fields(Field("size", "text"), Field("name", "json"))


def try_again(
    connection: psycopg.Connection, source: Source, reference: object, mended: bytes | None = None
) -> Receipt:
    """Replay, and audit what has been landed by it; what is refused again stays where it is."""
    waiting = waiting_records(connection)
    receipt = replay(connection, {source.name: source}, f"{reference}", mended=mended)
    assert receipt.accepted + receipt.duplicate + receipt.quarantined == receipt.read
    passed = receipt.accepted + receipt.duplicate
    assert waiting_records(connection) == waiting - passed
    if receipt.batch_id is not None:
        # The ledger counts what came out of quarantine; the receipt tells of what was tried.
        audit(connection, source, replace(receipt, read=passed, quarantined=0, reasons={}))
    return receipt


def waiting_records(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "select count(*) from explore.quarantine where part = 0 and resolved_at is null"
    ).fetchone()
    assert row is not None
    return int(row[0])


def batches(connection: psycopg.Connection) -> int:
    row = connection.execute("select count(*) from explore.batches").fetchone()
    assert row is not None
    return int(row[0])


def resolution(connection: psycopg.Connection, receipt: Receipt) -> dict[int, int | None]:
    return dict(
        connection.execute(
            "select line, resolved_by from explore.quarantine where batch_id = %s", [receipt.batch_id]
        ).fetchall()
    )


def test_list(connection: psycopg.Connection, tmp_path: Path) -> None:
    other = replace(THINGS, entity="others")
    first = land(connection, THINGS, write(tmp_path / "a.ndjson", b"{\n" + line(1) + b"\n[]\n"))
    second = land(connection, other, write(tmp_path / "b.ndjson", b"\n{"))

    def found(**options: Any) -> list[tuple[str, str, str]]:
        return [(r.reference, r.source, r.reason) for r in list_quarantined(connection, **options)]

    everything = [
        (f"{second.batch_id}:2", "test.others", "truncated_json"),
        (f"{first.batch_id}:1", "test.things", "truncated_json"),
        (f"{first.batch_id}:3", "test.things", "not_an_object"),
    ]
    assert found() == everything
    assert found(limit=2) == everything[:2]
    assert found(source="test.things") == everything[1:]
    assert found(source="test.thing") == []
    assert found(batch_id=second.batch_id) == everything[:1]
    assert found(batch_id=first.batch_id, line=3) == everything[2:]
    [last] = list_quarantined(connection, batch_id=first.batch_id, line=3)
    assert (last.size_bytes, last.name, last.resolved_by) == (2, str(tmp_path / "a.ndjson"), None)
    try_again(connection, THINGS, f"{first.batch_id}:3", line(3))
    assert found() == everything[:2]
    assert found(include_resolved=True) == everything


@pytest.mark.parametrize("raw", [b"\x00\xff\x80{\r", b"[\xc3\x28]", b"{" + b"\x1b[31m" * 1_000_000])
def test_raw_bytes_come_back_as_they_came(
    connection: psycopg.Connection, environment: dict[str, str], tmp_path: Path, raw: bytes
) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", line(1) + b"\n" + raw + b"\n" + line(2)))
    record, content = show_quarantined(connection, f"{receipt.batch_id}:2")
    assert content == raw
    assert record.size_bytes == len(raw)
    done = atlas(environment, "quarantine", "show", f"{receipt.batch_id}:2", "--raw")
    assert (done.returncode, done.stdout) == (0, raw)
    shown = atlas(environment, "quarantine", "show", f"{receipt.batch_id}:2")
    assert (shown.returncode, b"\x1b" in shown.stdout, b"\x00" in shown.stdout) == (0, False, False)


def test_contract_made_looser(connection: psycopg.Connection, tmp_path: Path) -> None:
    """What holds the contract of today lands today; the rest waits on; nothing lands twice."""
    content = ndjson([thing(1, size="large"), thing(2), thing(3, name=["x"]), thing(4, at="never")])
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", content))
    assert refused.reasons == {"wrong_type": 3}
    receipt = try_again(connection, LOOSE, refused.batch_id)
    assert (receipt.read, receipt.accepted, receipt.reasons) == (3, 2, {"wrong_type": 1})
    assert payloads(connection, THINGS, receipt.batch_id) == [thing(1, size="large"), thing(3, name=["x"])]
    assert [row[0] for row in rows(connection, THINGS, receipt.batch_id, "line")] == [1, 3]
    assert resolution(connection, refused) == {1: receipt.batch_id, 3: receipt.batch_id, 4: None}
    again = try_again(connection, LOOSE, refused.batch_id)
    assert (again.batch_id, again.read, again.accepted) == (None, 1, 0)


def test_nothing_passes(connection: psycopg.Connection, tmp_path: Path) -> None:
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", b"{\n[]"))
    receipt = try_again(connection, THINGS, refused.batch_id)
    assert (receipt.outcome, receipt.batch_id, receipt.failed) == ("refused", None, True)
    assert receipt.reasons == {"truncated_json": 1, "not_an_object": 1}
    assert batches(connection) == 1


@pytest.mark.parametrize("mended", [line(7), b"\n " + line(7) + b"\r\n"], ids=["plain", "with_blanks"])
def test_mended_json(connection: psycopg.Connection, tmp_path: Path, mended: bytes) -> None:
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", b"{\n{"))
    reference = f"{refused.batch_id}:2"
    receipt = try_again(connection, THINGS, reference, mended)
    assert (receipt.read, receipt.accepted) == (1, 1)
    assert payloads(connection, THINGS, receipt.batch_id) == [thing(7)]
    assert resolution(connection, refused) == {1: None, 2: receipt.batch_id}
    assert show_quarantined(connection, reference)[1] == b"{", "what came stays what came"
    with pytest.raises(UsageError, match="Nothing of"):
        try_again(connection, THINGS, reference, mended)
    still_wrong = try_again(connection, THINGS, f"{refused.batch_id}:1", b"[]")
    assert still_wrong.reasons == {"not_an_object": 1}


CSV = b"id,at,op,size,name\n"
TIMES = "2024-01-01T00:02:00Z,upsert"


@pytest.mark.parametrize(
    ("mended", "expected"),
    [
        (f"k2,{TIMES},5,x\n".encode(), thing(2, size=5, name="x")),
        (f'k2,{TIMES},,"a\nb"'.encode(), thing(2, name="a\nb")),
        (line(2), thing(2)),
    ],
    ids=["row", "row_with_newline", "json"],
)
def test_mended_csv(connection: psycopg.Connection, tmp_path: Path, mended: bytes, expected: dict[str, Any]) -> None:
    refused = land(connection, THINGS, write(tmp_path / "x.csv", CSV + f"k2,{TIMES},many,x\n".encode()))
    receipt = try_again(connection, THINGS, f"{refused.batch_id}:2", mended)
    assert payloads(connection, THINGS, receipt.batch_id) == [expected]


@pytest.mark.parametrize(
    ("mended", "reason"),
    [
        (b"k2,x\n", "ragged_row"),
        (f"k2,{TIMES},5,x\nk3,{TIMES},5,x\n".encode(), "malformed_csv"),
        (f'k2,{TIMES},5,"x\n'.encode(), "malformed_csv"),
        (f"k2,{TIMES},5,\xff\n".encode("latin1"), "invalid_encoding"),
        (b"", "ragged_row"),
        (b"{", "truncated_json"),
    ],
)
def test_csv_not_mended(connection: psycopg.Connection, tmp_path: Path, mended: bytes, reason: str) -> None:
    refused = land(connection, THINGS, write(tmp_path / "x.csv", CSV + f"k2,{TIMES},many,x\n".encode()))
    assert try_again(connection, THINGS, f"{refused.batch_id}:2", mended).reasons == {reason: 1}
    assert batches(connection) == 1


def test_csv_under_another_contract_is_read_anew_from_its_cells(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A column that turns out to be text keeps its leading zeros, and a long cell its length."""
    content = CSV + f'{{k2,{TIMES},007,"x\r\ny"\n'.encode() + f"k3,{TIMES},00z,{'n' * 200_000}\n".encode()
    strict = with_fields(Field("name", "text", pattern="^n$"))
    refused = land(connection, strict, write(tmp_path / "x.csv", content))
    assert refused.reasons == {"pattern_not_matched": 1, "wrong_type": 1}
    receipt = try_again(connection, with_fields(Field("size", "text")), refused.batch_id)
    assert payloads(connection, THINGS, receipt.batch_id) == [
        thing(2, id="{k2", size="007", name="x\r\ny"),
        thing(2, id="k3", size="00z", name="n" * 200_000),
    ]


def test_parquet_row(connection: psycopg.Connection, tmp_path: Path) -> None:
    table = pa.Table.from_pylist([thing(1, code="x"), thing(2, code="y")])
    pq.write_table(table, tmp_path / "x.parquet")
    strict = with_fields(Field("code", "text", pattern="x"))
    refused = land(connection, strict, tmp_path / "x.parquet")
    assert refused.reasons == {"pattern_not_matched": 1}
    receipt = try_again(connection, with_fields(Field("code", "text")), refused.batch_id)
    assert payloads(connection, THINGS, receipt.batch_id) == [thing(2, code="y")]


def test_record_that_was_too_long(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Kept in parts, it lands whole under a contract that takes longer ones."""
    long = thing(2, name="é" * 2_500_000)
    content = ndjson([thing(1)]) + json.dumps(long, ensure_ascii=False).encode()
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", content))
    assert refused.reasons == {"record_too_large": 1}
    parts = connection.execute("select count(*) from explore.quarantine").fetchone()
    assert parts == (2,)
    assert try_again(connection, THINGS, refused.batch_id).reasons == {"record_too_large": 1}
    receipt = try_again(connection, replace(THINGS, max_record_bytes=16_000_000), f"{refused.batch_id}:2")
    assert payloads(connection, THINGS, receipt.batch_id) == [long]
    assert set(resolution(connection, refused).values()) == {receipt.batch_id}


def resolutions(connection: psycopg.Connection, receipt: Receipt) -> list[tuple[int, str | None]]:
    found = list_quarantined(connection, batch_id=receipt.batch_id, include_resolved=True)
    return [(record.line, record.resolution) for record in found]


def test_replayed_record_that_landed_meanwhile(connection: psycopg.Connection, tmp_path: Path) -> None:
    """It is closed, but not as if it had landed now."""
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", b"{"))
    land(connection, THINGS, write(tmp_path / "y.ndjson", line(1)))
    receipt = try_again(connection, THINGS, f"{refused.batch_id}:1", line(1))
    assert (receipt.outcome, receipt.accepted, receipt.duplicate) == ("landed", 0, 1)
    assert resolution(connection, refused) == {1: receipt.batch_id}
    assert resolutions(connection, refused) == [(1, "duplicate")]


def test_replay_of_landed_and_new_records(connection: psycopg.Connection, tmp_path: Path) -> None:
    wrong = [thing(1, size="large"), thing(2, size="small"), thing(3, size="large"), thing(4, tags=1)]
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", ndjson(wrong)))
    land(connection, LOOSE, write(tmp_path / "y.ndjson", ndjson(wrong[1:2])))
    receipt = try_again(connection, LOOSE, refused.batch_id)
    assert (receipt.accepted, receipt.duplicate, receipt.quarantined) == (2, 1, 1)
    assert resolutions(connection, refused) == [(1, "accepted"), (2, "duplicate"), (3, "accepted"), (4, None)]


def test_record_that_was_mended_into_another(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Whoever mends line 2 with a record that had landed has settled nothing for good."""
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", line(1) + b"\n" + b'{"id":"k2"'))
    reference = f"{refused.batch_id}:2"
    assert try_again(connection, THINGS, reference, line(1)).duplicate == 1
    assert resolutions(connection, refused) == [(2, "duplicate")]
    with pytest.raises(UsageError, match="Nothing of"):
        replay(connection, {THINGS.name: THINGS}, reference)
    receipt = replay(connection, {THINGS.name: THINGS}, reference, mended=line(2))
    assert (receipt.accepted, payloads(connection, THINGS, receipt.batch_id)) == (1, [thing(2)])
    assert resolutions(connection, refused) == [(2, "accepted")]
    with pytest.raises(UsageError, match="Nothing of"):
        replay(connection, {THINGS.name: THINGS}, reference, mended=line(3))


def test_snapshot_record_keeps_its_moment(connection: psycopg.Connection, tmp_path: Path) -> None:
    refused = land(connection, STATES, write(tmp_path / "x.ndjson", b'{"id":"1"}\n{"id":"2","size":"x"}'))
    receipt = try_again(connection, with_fields(Field("size", "text"), source=STATES), refused.batch_id)
    assert receipt.accepted == 1
    assert len(set(rows(connection, STATES, None, "event_at"))) == 1


def test_references(connection: psycopg.Connection, tmp_path: Path) -> None:
    assert parse_reference("12") == (12, None)
    assert parse_reference("12:3") == (12, 3)
    for wrong in ("", "x", "1:", ":1", "1:2:3", "-1", "1 ", "²", "9" * 30, "1:" + "9" * 30, "1;drop table x"):
        with pytest.raises(UsageError, match="is named BATCH:LINE"):
            parse_reference(wrong)
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", b"{"))
    for reference, mended, message in (
        (refused.batch_id, line(), "name it BATCH:LINE"),
        (f"{refused.batch_id}:2", None, "Nothing of"),
        (999_999, None, "There is no batch 999999"),
    ):
        with pytest.raises(UsageError, match=message):
            replay(connection, {THINGS.name: THINGS}, f"{reference}", mended=mended)
    with pytest.raises(UsageError, match="isn't declared any more"):
        replay(connection, {}, f"{refused.batch_id}")
    for reference in (f"{refused.batch_id}", f"{refused.batch_id}:2", "999999:1"):
        with pytest.raises(UsageError, match=r"Name one record|No record"):
            show_quarantined(connection, reference)
    assert waiting_records(connection) == batches(connection) == 1


def test_details_tell_no_values(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Quarantine is listed in terminals and tickets; what was wrong is said without what was there."""
    secret = hashlib.sha256(b"personal").hexdigest()[:12]
    places = ("id", "at", "op", "size", "amount", "active", "born_on", "token", "tags", "name")
    records = [
        thing(n, **{name: [secret] if name in {"id", "op", "name"} else secret}) for n, name in enumerate(places)
    ]
    records += [thing(20, op=secret), thing(21, tags=[[secret]]), thing(22, zz="\x00" + secret)]
    refused = land(connection, THINGS, write(tmp_path / "x.ndjson", ndjson(records)))
    assert refused.accepted == 0
    assert all(secret not in detail for _, _, detail, _ in quarantined(connection, refused))


CUSTOMER = {
    "customer_id": "C-00001",
    "name": "Ada",
    "country": "GB",
    "segment": "consumer",
    "is_active": True,
    "signed_up_on": "2020-01-01",
    "updated_at": "2024-01-01T00:00:00Z",
    "op": "create",
}


def test_commands(environment: dict[str, str], tmp_path: Path) -> None:
    content = ndjson([CUSTOMER, CUSTOMER | {"country": "Great\x1b[2J Britain"}]) + b"{"
    landed = atlas(environment, "land", "crm.customers", write(tmp_path / "x.ndjson", content), "--json")
    assert landed.returncode == 0
    [receipt] = json.loads(landed.stdout)
    batch = receipt["batch_id"]
    listed = json.loads(atlas(environment, "quarantine", "list", "--json").stdout)
    assert [(r["reference"], r["reason"]) for r in listed] == [
        (f"{batch}:2", "pattern_not_matched"),
        (f"{batch}:3", "truncated_json"),
    ]
    assert len(json.loads(atlas(environment, "quarantine", "list", "--limit", "1", "--json").stdout)) == 1
    table = atlas(environment, "quarantine", "list", "--source", "crm.customers").stdout.decode()
    assert f"{batch}:2" in table
    again = atlas(environment, "quarantine", "replay", f"{batch}")
    assert again.returncode == 1, "none was taken"
    mended = write(tmp_path / "mended.json", ndjson([CUSTOMER | {"city": "London"}]))
    done = atlas(environment, "quarantine", "replay", f"{batch}:2", "--record", mended, "--json")
    assert (done.returncode, json.loads(done.stdout)[0]["accepted"]) == (0, 1)
    twice = atlas(environment, "quarantine", "replay", f"{batch}:2")
    assert (twice.returncode, len(twice.stderr.splitlines())) == (2, 1)
    assert len(json.loads(atlas(environment, "quarantine", "list", "--json").stdout)) == 1
    assert len(json.loads(atlas(environment, "quarantine", "list", "--all", "--json").stdout)) == 2
    write(mended, ndjson([CUSTOMER]))
    twin = atlas(environment, "quarantine", "replay", f"{batch}:3", "--record", mended)
    assert (twin.returncode, b"0 accepted + 1 duplicate" in twin.stdout) == (0, True)
    every = json.loads(atlas(environment, "quarantine", "list", "--all", "--json").stdout)
    assert [(r["reference"], r["resolution"]) for r in every] == [
        (f"{batch}:2", "accepted"),
        (f"{batch}:3", "duplicate"),
    ]
    assert b"Accepted since" in atlas(environment, "quarantine", "show", f"{batch}:2").stdout
    assert b"Closed as a duplicate" in atlas(environment, "quarantine", "show", f"{batch}:3").stdout
    assert b"duplicate" in atlas(environment, "quarantine", "list", "--all").stdout
    nothing = atlas(environment, "quarantine", "list", "--batch", "999", "--json")
    assert json.loads(nothing.stdout) == []
