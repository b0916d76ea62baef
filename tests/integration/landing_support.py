"""What the tests of landing share: one source, and one way to land that audits the books after each delivery."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from psycopg import sql

from atlas.database import connect
from atlas.landing import land_file
from atlas.settings import Settings
from atlas.source_fields import Field
from atlas.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.landing import Receipt

EMPTIED = """
    do $$
    declare
        landing_table text;
    begin
        for landing_table in
            select oid::regclass from pg_class where relnamespace = 'explore'::regnamespace and relkind = 'p'
        loop
            execute 'drop table ' || landing_table;
        end loop;
        delete from explore.batches;
        delete from explore.source_systems;
    end
    $$
"""


@pytest.fixture(name="settings")
def emptied_settings(database: Settings) -> Settings:
    """Settings of the module's database, in which nothing has landed."""
    with connect(database) as connection:
        connection.execute(EMPTIED)
    return database


START = datetime(2024, 1, 1, tzinfo=UTC)
FIELDS = (
    Field("id", "text", required=True),
    Field("at", "timestamptz", required=True),
    Field("op", "text", required=True, accepted_values=("upsert", "delete")),
    Field("name", "text"),
    Field("size", "integer"),
    Field("amount", "numeric"),
    Field("active", "boolean"),
    Field("born_on", "date"),
    Field("token", "uuid"),
    Field("extra", "json"),
    Field("tags", "text[]"),
)
THINGS = Source(
    system="test",
    entity="things",
    system_description="",
    delivery="changes",
    key=("id",),
    event_at="at",
    operation="op",
    deletes=frozenset({"delete"}),
    refuse_unknown=False,
    max_record_bytes=1_000_000,
    fields=FIELDS,
)
STATES = replace(
    THINGS,
    entity="states",
    delivery="snapshot",
    event_at=None,
    operation=None,
    deletes=frozenset(),
    fields=(Field("id", "text", required=True), Field("name", "text"), Field("size", "integer")),
)


def with_fields(*fields: Field, source: Source = THINGS, **changes: Any) -> Source:
    """The source with more fields, or with others of the same name."""
    named = {f.name: f for f in (*source.fields, *fields)}
    return replace(source, fields=tuple(named.values()), **changes)


def thing(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A record that holds the contract; the time of its event follows from its number."""
    moment = (START + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
    return {"id": f"k{number}", "at": moment, "op": "upsert"} | fields


def line(number: int = 1, extra: str = "") -> bytes:
    """The JSON of a thing, with more JSON put in at its end."""
    return json.dumps(thing(number)).encode()[:-1] + (f", {extra}" if extra else "").encode() + b"}"


def ndjson(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def content_of(path: Path) -> bytes:
    """What a delivery holds, decompressed where that can be done."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj(read_across_frames=True).decompress(content)
    return content


def land(connection: Connection[TupleRow], source: Source, path: Path, **options: Any) -> Receipt:
    """Land a file, then audit the books: whatever happened, nothing is unaccounted for."""
    before = books(connection)
    receipt = land_file(connection, source, path, **options)
    audit(connection, source, receipt)
    after = books(connection)
    if receipt.outcome == "already_landed":
        assert after == before, "a delivery that was there already changed something"
    else:
        assert after["batches"] == before["batches"] + 1
        assert after["quarantine"] == before["quarantine"] + receipt.quarantined
    assert receipt.content_bytes == path.stat().st_size
    if receipt.quarantined and not path.name.endswith((".parquet", ".zip")):
        check_raw_bytes(connection, receipt, content_of(path))
    return receipt


def books(connection: Connection[TupleRow]) -> dict[str, int]:
    row = connection.execute(
        "select (select count(*) from explore.batches), (select count(*) from explore.quarantine where part = 0),"
        " (select coalesce(sum(accepted), 0)::bigint from explore.batches)"
    ).fetchone()
    assert row is not None
    return dict(zip(("batches", "quarantine", "accepted"), row, strict=True))


def audit(connection: Connection[TupleRow], source: Source, receipt: Receipt) -> None:
    """Invariant 1: the receipt, the ledger and the tables say the same, and every record is somewhere."""
    assert receipt.accepted + receipt.duplicate + receipt.quarantined == receipt.read
    assert sum(receipt.reasons.values()) == receipt.quarantined
    ledger = connection.execute(
        "select outcome, records_read, accepted, duplicate, quarantined, reasons, drift, refusal, content_bytes,"
        " source_name, system || '.' || entity, contract_sha256 from explore.batches where batch_id = %s",
        [receipt.batch_id],
    ).fetchone()
    assert ledger is not None
    if receipt.outcome == "already_landed":
        assert receipt.read == 0
        assert ledger[0] == "landed"
    else:
        assert ledger == (
            receipt.outcome,
            receipt.read,
            receipt.accepted,
            receipt.duplicate,
            receipt.quarantined,
            receipt.reasons,
            receipt.drift,
            receipt.refusal,
            receipt.content_bytes,
            receipt.name,
            receipt.source,
            source.contract_sha256,
        )
        assert (receipt.refusal is not None) == (receipt.outcome == "refused")
        lines = [row[0] for row in rows(connection, source, receipt.batch_id, "line")]
        assert len(lines) == receipt.accepted
        refused = quarantined(connection, receipt)
        assert Counter(reason for _, reason, _, _ in refused) == receipt.reasons
        assert not set(lines) & {number for number, *_ in refused}
        assert all(detail for _, _, detail, _ in refused)
    everything = connection.execute(
        "select coalesce(sum(accepted), 0) from explore.batches where system = %s and entity = %s",
        [source.system, source.entity],
    ).fetchone()
    assert everything == (len(rows(connection, source, None, "line")),), "rows without a batch, or a batch without rows"


def quarantined(connection: Connection[TupleRow], receipt: Receipt) -> list[tuple[int, str, str, bytes]]:
    """The batch's refused records: line, reason, detail, raw bytes; in order."""
    found = connection.execute(
        "select line, min(reason), min(detail), string_agg(raw, '' order by part), count(*), max(part),"
        " count(distinct reason) from explore.quarantine where batch_id = %s group by line order by line",
        [receipt.batch_id],
    ).fetchall()
    assert all(parts == last + 1 and reasons == 1 for *_, parts, last, reasons in found)
    return [row[:4] for row in found]


def check_raw_bytes(connection: Connection[TupleRow], receipt: Receipt, content: bytes) -> None:
    """The raw bytes of each refused record stand in the delivery, on the line that is recorded."""
    begins = [0]
    while (end := content.find(b"\n", begins[-1])) >= 0:
        begins.append(end + 1)
    for number, _, _, raw in quarantined(connection, receipt):
        place = begins[number - 1] + (3 if number == 1 and content.startswith(b"\xef\xbb\xbf") else 0)
        assert content[place : place + len(raw)] == raw
        after = place + len(raw)
        assert raw.endswith(b"\n") or content[after : after + 1] in (b"", b"\n"), "cut off"


def rows(
    connection: Connection[TupleRow], source: Source, batch_id: int | None, columns: str = "*"
) -> Sequence[tuple[Any, ...]]:
    """Landed rows of a batch, or of all batches, in order."""
    exists = connection.execute("select to_regclass(%s)", [f"explore.{source.landing_table}"]).fetchone()
    if exists == (None,):
        return []
    query = sql.SQL(
        "select {} from explore.{} where %s::bigint is null or batch_id = %s order by batch_id, line"
    ).format(
        sql.SQL(columns),
        sql.Identifier(source.landing_table),
    )
    return connection.execute(query, [batch_id, batch_id]).fetchall()


def payloads(connection: Connection[TupleRow], source: Source, batch_id: int | None) -> list[dict[str, Any]]:
    return [row[0] for row in rows(connection, source, batch_id, "payload")]


def fingerprint(connection: Connection[TupleRow], source: Source) -> tuple[int, str]:
    """Number and hash of the multiset of landed changes, whichever batches brought them."""
    query = sql.SQL(
        "select count(*), md5(coalesce(string_agg(encode(sha256, 'hex') || key || operation || event_at || payload, ','"
        " order by sha256, key, operation, event_at), '')) from explore.{}"
    ).format(sql.Identifier(source.landing_table))
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0], row[1]


def atlas(
    environment: Mapping[str, str], *arguments: str | Path | bytes, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a user does; it never shows a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "atlas", *arguments],
        env=dict(environment),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert b"Traceback" not in done.stderr + done.stdout
    return done
