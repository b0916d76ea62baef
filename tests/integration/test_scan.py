"""``atlas scan`` on tables of every kind: what is read, what is read again, what is kept, and what never is."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from landing_support import atlas
from psycopg import sql

from atlas.database import connect
from atlas.errors import ServiceError, UsageError
from atlas.migrate import migrate
from atlas.scan import ScanResult, scan, tables
from atlas.scan.tables import read_selection

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]
EMAILS = [f"somebody{number}@example.org" for number in range(10)]


def scanned(connection: psycopg.Connection[TupleRow], *terms: str, **options: Any) -> ScanResult:
    # Counters are sent some seconds after the commit, unless somebody asks for it.
    connection.execute("select pg_stat_force_next_flush()")
    return scan(connection, read_selection(terms or ["chart"]), **options)


def places(result: ScanResult) -> dict[str, str]:
    """Pattern by column and path."""
    return {
        ".".join(filter(None, (row["table_name"], row["column_name"], row["path"]))): row["pattern"]
        for row in result.found
    }


def make(connection: psycopg.Connection[TupleRow], name: str, values: list[str], column: str = "c") -> None:
    connection.execute(f'create table {name} ("{column}" text)')
    connection.cursor().executemany(f'insert into {name} ("{column}") values (%s)', [(value,) for value in values])
    connection.execute("select pg_stat_force_next_flush()")


def test_documents_are_walked_and_arrays_too(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute("create table chart.d (doc jsonb, tags text[], j json)")
    document = {
        "id": 7,
        "items": [{"email": EMAILS[0], "n": 1}, {"email": EMAILS[1], "deeper": {"list": [[EMAILS[2]]]}}],
        "odd key": {"a.b": EMAILS[3], "prénom": "x", 'quo"te': EMAILS[4]},
        "empty": [],
        "nothing": None,
    }
    connection.execute(
        "insert into chart.d values (%s, %s, %s)",
        [json.dumps(document), [EMAILS[5], None, "x"], json.dumps([EMAILS[6]])],
    )
    result = scanned(connection)
    assert places(result) == {
        "d.doc.items[*].email": "email",
        "d.doc.items[*].deeper.list[*][*]": "email",
        'd.doc.{*}."a.b"': "email",
        'd.doc.{*}."quo\\"te"': "email",
        "d.tags.[*]": "email",
        "d.j.[*]": "email",
    }
    by_place = {row["path"]: (row["matched"], row["looked_at"]) for row in result.found if row["column_name"] == "doc"}
    assert by_place["items[*].email"] == (2, 2)
    assert next((row["matched"], row["looked_at"]) for row in result.found if row["column_name"] == "tags") == (1, 2)


def test_keys_that_are_data_are_looked_at_and_not_shown(connection: psycopg.Connection[TupleRow]) -> None:
    people = {EMAILS[0]: {"phone": "+49 30 2403309"}, "078-05-1120x": 1}
    many = {f"user{chr(97 + n // 26)}{chr(97 + n % 26)}": {"email": EMAILS[n % 10]} for n in range(400)}
    connection.execute("create table chart.d (people jsonb, many jsonb)")
    connection.execute("insert into chart.d values (%s, %s)", [json.dumps(people), json.dumps(many)])
    assert places(scanned(connection)) == {
        "d.people.{key}": "email",
        "d.people.{*}.{*}": "phone",
        "d.many.{*}.{*}": "email",
    }
    kept = str(connection.execute("select t, p from compliance.pii_tallies as t, compliance.pii_scans as p").fetchall())
    assert "somebody0" not in kept
    assert "useraa" not in kept


ODD_NAMES = ['quote"d', "per%cent", "prénom d'été", "{braces}", "semi;colon", "SELECT", "%s", "x" * 63]


def test_odd_names_of_columns_and_tables(connection: psycopg.Connection[TupleRow]) -> None:
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in ODD_NAMES)
    connection.execute(sql.SQL("create table chart.{} ({})").format(sql.Identifier("T%.odd"), columns))
    values = sql.SQL(", ").join(map(sql.Literal, EMAILS[: len(ODD_NAMES)]))
    connection.execute(sql.SQL("insert into chart.{} values ({})").format(sql.Identifier("T%.odd"), values))
    assert places(scanned(connection, 'chart."T%.odd"')) == {f"T%.odd.{name}": "email" for name in ODD_NAMES}
    found = scanned(connection, 'chart."T%.odd".per*').found
    assert [row["column_name"] for row in found] == ["per%cent"]


def test_what_holds_nothing_or_cannot_be_looked_into(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute("create table chart.nothing ()")
    connection.execute("create table chart.empty (a text, b jsonb, c bytea, d uuid, e xml)")
    connection.execute("create table chart.bytes (raw bytea, raws bytea[], note text, where_to point)")
    connection.execute("insert into chart.bytes values (convert_to(%s, 'UTF8'), null, null, null)", [EMAILS[0]])
    result = scanned(connection)
    assert result.found == []
    assert result.read == {"chart.nothing": 0, "chart.empty": 0, "chart.bytes": 1}
    assert result.skipped == {
        "chart.bytes.raw": "bytes aren't looked into",
        "chart.bytes.raws": "bytes aren't looked into",
        "chart.empty.c": "bytes aren't looked into",
    }


def test_enormous_values_are_cut_and_that_is_said(connection: psycopg.Connection[TupleRow]) -> None:
    early, late = f"{EMAILS[0]} " + "x " * 3_000_000, "x " * 3_000_000 + EMAILS[1]
    make(connection, "chart.long", [early, late])
    result = scanned(connection)
    assert [(row["pattern"], row["matched"], row["looked_at"]) for row in result.found] == [("email", 1, 2)]
    assert result.skipped == {"chart.long.c": "2 values are longer than the 4,000 characters looked at"}


def test_documents_that_jsonb_cannot_hold(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute("create table chart.d (j json)")
    connection.execute("insert into chart.d values (%s)", ['{"a": "\\u0000", "b": "' + EMAILS[0] + '"}'])
    result = scanned(connection)
    assert places(result) == {"d.j": "email"}
    assert result.skipped == {"chart.d.j": "not every document can be read, so paths are unknown"}


def test_documents_that_are_deep(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute("create table chart.d (doc jsonb)")
    connection.execute("insert into chart.d values (%s)", ["[" * 200 + f'"{EMAILS[0]}"' + "]" * 200])
    assert list(places(scanned(connection)).values()) == ["email"]


def test_a_view_is_read_only_if_it_is_named_in_full(connection: psycopg.Connection[TupleRow]) -> None:
    make(connection, "chart.t", EMAILS)
    connection.execute("create view chart.v as select * from chart.t")
    assert scanned(connection, "chart").read == {"chart.t": 10}
    assert scanned(connection, "chart.*").read == {}
    for _ in range(2):
        assert scanned(connection, "chart.v").read == {"chart.v": 10}, "nothing tells whether a view has changed"
    with pytest.raises(UsageError, match=r"No table matches chart\.nowhere"):
        scanned(connection, "chart.nowhere")
    for wrong in ("a.b.c.d", "", ".x", "x.", '"x'):
        with pytest.raises(UsageError):
            read_selection([wrong])


PARTITIONED = """
    create table chart.p (n integer, mail text) partition by range (n);
    create table chart.p_low partition of chart.p for values from (0) to (100) partition by range (n);
    create table chart.p_1 partition of chart.p_low for values from (0) to (50);
    create table chart.p_2 partition of chart.p_low for values from (50) to (100);
    create table chart.p_3 partition of chart.p for values from (100) to (200);
    insert into chart.p select n, case when n %% 2 = 0 then 'x' || n || '@example.org' else '-' end
    from generate_series(0, 149) as n
"""


def totals(result: ScanResult) -> list[tuple[str, int, int]]:
    return [(row["table_name"], row["matched"], row["looked_at"]) for row in result.found]


def test_partitions_are_read_once_and_only_again_if_they_change(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute(PARTITIONED.replace("%%", "%"))
    first = scanned(connection)
    assert first.read == {"chart.p_1": 50, "chart.p_2": 50, "chart.p_3": 50}
    assert totals(first) == [("p", 75, 150)]

    again = scanned(connection)
    assert (again.read, sorted(again.unchanged)) == ({}, ["chart.p_1", "chart.p_2", "chart.p_3"])
    assert totals(again) == [("p", 75, 150)]

    # As large as before, so that nothing but the counters can tell.
    connection.execute("update chart.p set mail = 'yy@example.org' where n = 51")
    changed = scanned(connection)
    assert changed.read == {"chart.p_2": 50}
    assert totals(changed) == [("p", 76, 150)]
    assert scanned(connection, full=True).read == first.read

    connection.execute("drop table chart.p_3")
    assert totals(scanned(connection)) == [("p", 51, 100)]
    connection.execute("truncate chart.p_2")
    assert totals(scanned(connection)) == [("p", 25, 50)]
    connection.execute("alter table chart.p rename mail to reply_to")
    assert [row["column_name"] for row in scanned(connection).found] == ["reply_to"]


@pytest.mark.parametrize("counted_since", ["w.stats_reset", "d.stats_reset"])
def test_a_reset_of_the_counters_is_a_change(
    connection: psycopg.Connection[TupleRow], monkeypatch: pytest.MonkeyPatch, counted_since: str
) -> None:
    make(connection, "chart.t", EMAILS)
    scanned(connection)
    assert scanned(connection).read == {}
    # Only the server's owner may reset them; so it is pretended.
    monkeypatch.setattr(tables, "PARTS", tables.PARTS.replace(counted_since, "now()"))
    assert scanned(connection).read == {"chart.t": 10}


def test_a_change_while_the_scan_reads_is_read_the_next_time(
    connection: psycopg.Connection[TupleRow], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(connection, "chart.t", ["-"] * 10)
    from atlas.scan import scan as module_function  # noqa: PLC0415

    module = __import__("sys").modules["atlas.scan.scan"]
    assert module.scan is module_function
    read = module.read_part

    def read_then_change(*arguments: Any, **options: Any) -> Any:
        reading = read(*arguments, **options)
        with connect(settings) as other:
            other.execute("update chart.t set c = 'a@example.org'")
            other.execute("select pg_stat_force_next_flush()")
        return reading

    monkeypatch.setattr(module, "read_part", read_then_change)
    assert scanned(connection).found == []
    monkeypatch.setattr(module, "read_part", read)
    assert totals(scanned(connection)) == [("t", 10, 10)]


def test_a_sample_does_not_pass_for_the_whole(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute(
        "create table chart.t as select case when n > 49000 then 'x@example.org' else repeat('-', 40) end as c"
        " from generate_series(1, 50000) as n"
    )
    connection.execute("analyze chart.t")
    whole = scanned(connection)
    assert totals(whole) == [("t", 1000, 50000)]
    assert scanned(connection, most_rows=1000).unchanged == ["chart.t"], "more is known than a sample would tell"
    connection.execute("update chart.t set c = '-' where c like 'x%'")
    connection.execute("analyze chart.t")
    sampled = scanned(connection, most_rows=1000)
    assert 100 < sampled.rows < 5000
    assert totals(sampled) == [("t", 1000, 50000)], "what a sample doesn't show may be there"
    assert scanned(connection).found == []


def test_what_is_gone_and_comes_back_keeps_its_first_day(connection: psycopg.Connection[TupleRow]) -> None:
    history = "select pattern, first_seen, last_seen > first_seen, gone_at is null from compliance.pii_detections"
    make(connection, "chart.t", EMAILS)
    scanned(connection)
    ((pattern, first_seen, _, is_there),) = connection.execute(history).fetchall()
    assert (pattern, is_there) == ("email", True)
    connection.execute("update chart.t set c = '-'")
    assert scanned(connection).found == []
    assert connection.execute(history).fetchall() == [("email", first_seen, False, False)]
    connection.execute("update chart.t set c = 'a@example.org'")
    assert len(scanned(connection).found) == 1
    assert connection.execute(history).fetchall() == [("email", first_seen, True, True)]
    connection.execute("drop table chart.t")
    assert scanned(connection, "chart", "explore").found == []
    assert connection.execute(history).fetchall() == [("email", first_seen, True, False)]


def test_a_table_that_is_locked_or_fails_is_told_and_the_others_are_read(
    connection: psycopg.Connection[TupleRow], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(__import__("sys").modules["atlas.scan.scan"], "LOCK_TIMEOUT", "100ms")
    make(connection, "chart.a", EMAILS)
    make(connection, "chart.b", EMAILS)
    connection.execute("create view chart.v as select c::integer::text as c from chart.a")
    with connect(settings, autocommit=False) as other:
        other.execute("lock table chart.a")
        result = scanned(connection)
        assert result.failed == {"chart.a": "it is locked by somebody who is changing it"}
        assert result.read == {"chart.b": 10}
    assert scanned(connection, "chart.v").failed == {"chart.v": "the database refused, with SQLSTATE 22P02"}


CANARIES = {
    "email": "canary.bird@feathers.example.org",
    "phone": "+49 30 24033097",
    "payment_card": "4539 1488 0343 6467",
    "iban": "DE89370400440532013000",
    "us_ssn": "SSN 536-90-4399",
    "ip_address": "203.0.113.77",
    "api_key": "AKIAQWERTYUIOPASDFGH",
    "full_name": "Canaria Birdsong",
    "born_on": "1981-07-23",
    "street": "Feathered Lane 77",
}


def server_log(server_url: str) -> bytes:
    """What the server of the tests has logged; one that was given keeps its log to itself."""
    sockets = parse_qs(urlsplit(server_url).query).get("host", [""])[0]
    log = Path(sockets).parent / "postgres.log"
    assert log.is_file() or "ATLAS_TEST_DATABASE_URL" in os.environ
    return log.read_bytes() if log.is_file() else b""


def test_no_value_is_kept_shown_or_logged(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow], server_url: str, tmp_path: Path
) -> None:
    columns = ", ".join(f"{name} text" for name in CANARIES)
    connection.execute(f"create table chart.cage ({columns}, doc jsonb)")
    document = {name: [value] for name, value in CANARIES.items()} | {value: value for value in CANARIES.values()}
    values = [*CANARIES.values(), json.dumps(document)]
    connection.execute(f"insert into chart.cage values ({', '.join(['%s'] * len(values))})", values)
    connection.execute("create view chart.broken as select email::integer::text as c from chart.cage")
    connection.execute("create table chart.odd_cage (doc json)")
    # A complaint of PostgreSQL would quote what stands before the oddity.
    odd = [json.dumps({**document, "last": last}) for last in ("\u0000", "\ud800", "")]
    connection.cursor().executemany("insert into chart.odd_cage values (%s)", [(text,) for text in odd])
    told = b""
    for arguments in ((), ("--json",), ("--full", "--json"), ("--sample", "1"), ("chart.broken",)):
        if arguments == ("chart.broken",):
            # PostgreSQL itself logs what a view like this complains of, whoever reads it.
            told += server_log(server_url)
        done = atlas(environment, "scan", *arguments)
        assert done.returncode == (1 if arguments == ("chart.broken",) else 0), done.stderr
        told += done.stdout + done.stderr
    tables = connection.execute(
        "select oid::regclass::text from pg_class"
        " where relnamespace = 'compliance'::regnamespace and relkind in ('r', 'p')"
    ).fetchall()
    assert len(tables) >= 3
    for (table,) in tables:
        told += str(connection.execute(f"select * from {table} as t").fetchall()).encode()
    told += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    found = {row[0] for row in connection.execute("select pattern from compliance.pii_detections")}
    assert found >= {"email", "phone", "payment_card", "iban", "us_ssn", "ip_address", "api_key", "date_of_birth"}
    for value in CANARIES.values():
        for piece in {value, value.replace(" ", ""), value.lower(), *(w for w in value.split() if len(w) > 4)}:
            assert piece.encode() not in told, piece


def test_for_scripts_and_for_people(environment: dict[str, str], connection: psycopg.Connection[TupleRow]) -> None:
    assert b"No personal data was found." in atlas(environment, "scan").stdout
    make(connection, "chart.t", [*EMAILS, "-"], column="reply_to")
    shown = atlas(environment, "scan").stdout.decode()
    row = next(line.split() for line in shown.splitlines() if "chart.t.reply_to" in line)
    assert row[1:6] == ["email", "10", "11", "90.9", "%"]
    assert "Read 11 rows of 1 tables and partitions" in shown
    told = json.loads(atlas(environment, "scan", "--json").stdout)
    assert told["unchanged"] == ["chart.t"]
    (found,) = told["found"]
    assert found["reasons"][0] == "10 of 11 values fit: an address with a domain."
    assert found["evidence"] == ["••••••••#@•••••••.•••"]
    for arguments, complaint in (
        (("--full", "--sample", "5"), b"--full reads everything"),
        (("nowhere",), b"No table matches nowhere"),
    ):
        refused = atlas(environment, "scan", *arguments)
        assert (refused.returncode, complaint in refused.stderr) == (2, True), refused.stderr


def test_a_downgrade_does_not_forget_since_when(
    connection: psycopg.Connection[TupleRow], settings: Settings, project: Path
) -> None:
    (version,) = (project / "migrations" / "versions").glob("*_pii_detections.py")
    before = version.read_text().split('down_revision = "')[1][:4]
    make(connection, "chart.t", EMAILS)
    scanned(connection)
    with pytest.raises(ServiceError, match="Detections are on record"):
        migrate(settings, before)
    connection.execute("delete from compliance.pii_detections")
    migrate(settings, before)
    migrate(settings)


def test_what_is_not_declared_fails_the_check(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow]
) -> None:
    # As the project declares them: an e-mail address, and a city that is none; the events that scd2 keeps beside it.
    connection.execute("create table chart.customer_changes (email text, city text)")
    connection.execute("create table navigate_base.dim_customer__events (email text)")
    connection.execute("create table chart.unknown (code text)")
    connection.execute("insert into chart.customer_changes values ('a@example.org', 'Berlin')")
    connection.execute("insert into navigate_base.dim_customer__events values ('a@example.org')")
    passed = atlas(environment, "scan", "--check")
    assert (passed.returncode, passed.stderr) == (0, b""), passed.stdout
    connection.execute("update chart.customer_changes set city = 'b@example.org'")
    connection.execute("insert into chart.unknown values ('DE89370400440532013000')")
    connection.execute("select pg_stat_force_next_flush()")
    failed = atlas(environment, "scan", "--check", "--json")
    assert failed.returncode == 1, failed.stderr
    assert json.loads(failed.stdout)["complaints"] == [
        "chart.customer_changes.city holds what looks like personal data (E-mail address) and doesn't declare it: "
        "give it `pii: email` or a classification of at least confidential.",
        "chart.unknown.code holds what looks like personal data (International bank account number) and doesn't "
        "declare it: give it `pii: iban` or a classification of at least restricted.",
    ]


def test_two_scans_at_once_take_turns(connection: psycopg.Connection[TupleRow], settings: Settings) -> None:
    make(connection, "chart.t", EMAILS)
    with connect(settings) as one, connect(settings) as other, ThreadPoolExecutor(2) as pool:
        results = list(pool.map(scanned, (one, other)))
    assert sorted(len(result.read) for result in results) == [0, 1], "the second finds nothing changed"
    assert [totals(result) for result in results] == [[("t", 10, 10)]] * 2
