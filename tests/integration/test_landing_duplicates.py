"""What was there already is recognised, and what only looks like it is kept: changes, deletes, snapshots, races."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from landing_support import (
    STATES,
    THINGS,
    audit,
    books,
    emptied_settings,  # noqa: F401 - a fixture
    fingerprint,
    land,
    line,
    ndjson,
    rows,
    thing,
    with_fields,
    write,
)

from atlas.errors import UsageError
from atlas.landing import land_file, land_stream
from atlas.source_fields import Field

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.settings import Settings

MONDAY, TUESDAY, WEDNESDAY = (datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3))
# A process that lands files once its standard input is closed, so that several begin as one.
RACER = """
import sys
from dataclasses import replace
from pathlib import Path
from landing_support import THINGS
from atlas.database import connect
from atlas.landing import land_file
from atlas.settings import Settings

with connect(Settings.from_environment()) as connection:
    print("ready", flush=True)
    sys.stdin.read()
    for name in sys.argv[1:]:
        receipt = land_file(connection, THINGS, Path(name))
        print(receipt.outcome, receipt.read, receipt.accepted, receipt.duplicate)
"""


def race(environment: dict[str, str], *deliveries: list[Path]) -> list[list[tuple[str, int, int, int]]]:
    """Land each list of files in a process of its own, all at once; returns each one's outcomes and counts."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, *files],
            env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for files in deliveries
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    results = []
    for process in processes:
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        assert process.wait(60) == 0
        results.append([(outcome, *map(int, counts)) for outcome, *counts in map(str.split, lines)])
    return results  # type: ignore[return-value]


def test_same_file_again(connection: psycopg.Connection, tmp_path: Path) -> None:
    """By its content, whatever it is called and whenever it was touched; and without reading it record by record."""
    path = write(tmp_path / "x.ndjson", ndjson(thing(n, name="x" * 100) for n in range(30_000)))
    first = land(connection, THINGS, path)
    (tmp_path / "y.jsonl").hardlink_to(path)
    for name in ("x.ndjson", "y.jsonl"):
        again = land(connection, THINGS, tmp_path / name)
        assert (again.outcome, again.batch_id, again.read) == ("already_landed", first.batch_id, 0)
        assert again.duration_s < max(0.05 * first.duration_s, 0.03)


def test_same_bytes_for_another_source(connection: psycopg.Connection, tmp_path: Path) -> None:
    path = write(tmp_path / "x.ndjson", line())
    other = with_fields(entity="others")
    assert [land(connection, source, path).accepted for source in (THINGS, other)] == [1, 1]


def test_change_that_came_in_another_file(connection: psycopg.Connection, tmp_path: Path) -> None:
    land(connection, THINGS, write(tmp_path / "a.ndjson", ndjson(thing(n) for n in range(1, 11))))
    receipt = land(connection, THINGS, write(tmp_path / "b.ndjson", ndjson(thing(n) for n in range(6, 16))))
    assert (receipt.accepted, receipt.duplicate) == (5, 5)
    found = rows(connection, THINGS, None, "batch_id, key")
    assert sorted(key for _, key in found) == sorted(f"k{n}" for n in range(1, 16))
    assert {batch for batch, key in found if int(key[1:]) <= 10} == {found[0][0]}, "the first one stays"


def test_change_that_came_twice_in_a_file(connection: psycopg.Connection, tmp_path: Path) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", ndjson([thing(1), thing(2), thing(1)] * 3)))
    assert (receipt.accepted, receipt.duplicate) == (2, 7)
    assert [row[0] for row in rows(connection, THINGS, None, "line")] == [1, 2]


def test_duplicates_in_a_large_file(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Above 20,000 rows the comparison takes another plan."""
    land(connection, THINGS, write(tmp_path / "a.ndjson", ndjson(thing(n) for n in range(25_000))))
    mixed = [thing(n // 2) for n in range(20_000, 70_000)]
    receipt = land(connection, THINGS, write(tmp_path / "b.ndjson", ndjson(mixed)))
    assert (receipt.accepted, receipt.duplicate) == (10_000, 40_000)


def test_value_that_comes_back_is_a_change(connection: psycopg.Connection, tmp_path: Path) -> None:
    changes = [thing(n, id="k", name="on" if n % 2 else "off") for n in range(1, 5)]
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", ndjson(changes)))
    assert (receipt.accepted, receipt.duplicate) == (4, 0)
    later = land(connection, THINGS, write(tmp_path / "y.ndjson", ndjson([thing(9, id="k", name="on")])))
    assert later.accepted == 1


def test_changes_that_differ_in_one_thing_only(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Key, time, operation, a value, null for absent, or an undeclared field: each makes another change."""
    base = thing(1, name="x", zz=1)
    others = [{"id": "k"}, {"at": thing(2)["at"]}, {"op": "delete"}, {"name": "X"}, {"size": None}, {"zz": 2}]
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", ndjson([base, *(base | o for o in others)])))
    assert (receipt.accepted, receipt.duplicate) == (7, 0)
    [(operation,)] = connection.execute(
        "select operation from explore.raw_test__things where payload ->> 'op' = 'delete'"
    ).fetchall()
    assert operation == "delete"


def test_same_moment_in_another_zone_is_told_apart_only_by_its_text(
    connection: psycopg.Connection, tmp_path: Path
) -> None:
    """The source wrote something else; both are kept, at one event time."""
    content = line(1) + b"\n" + line(1).replace(b"00:01:00Z", b"01:01:00+01:00")
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", content))
    assert receipt.accepted == 2
    assert len(set(rows(connection, THINGS, None, "event_at"))) == 1


@pytest.mark.parametrize(
    "other",
    [
        b'{"op":"upsert","zz":{"b":[1,2],"a":"\\u00e9"},"at":"2024-01-01T00:01:00Z","name":"a/b","id":"k1"}',
        b' { "id" : "k1",\t"at":"2024-01-01T00:01:00Z", "name":"a\\/b", "op":"upsert",'
        b'"zz":{"a":"\xc3\xa9","b":[ 1,2 ]}}\r',
        b'{"\\u0069d":"\\u006b1","at":"2024-01-01t00:01:00z","op":"upsert","name":"a\\u002fb",'
        b'"zz":{"a":"\xc3\xa9","b":[1,2]}}',
    ],
    ids=["order", "blanks", "escapes"],
)
def test_other_formatting_is_the_same_change(connection: psycopg.Connection, tmp_path: Path, other: bytes) -> None:
    land(connection, THINGS, write(tmp_path / "a.ndjson", ndjson([thing(1, name="a/b", zz={"a": "é", "b": [1, 2]})])))
    receipt = land(connection, THINGS, write(tmp_path / "b.ndjson", other))
    assert (receipt.accepted, receipt.duplicate) == (0, 1)


def test_delete_says_only_which_and_when(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Few systems know more of what they have deleted; and null says no more than nothing does."""
    source = with_fields(
        *(Field(f"must_{kind}", kind, required=True) for kind in ("text", "numeric", "json", "date")),
        Field("must_array", "numeric[]", required=True),
    )
    nothing = {f.name: None for f in source.fields if f.name.startswith("must_")}
    content = ndjson(
        [thing(1, op="delete"), thing(2, op="delete", **nothing), thing(3), thing(4, op="delete", must_date="x")]
    )
    receipt = land(connection, source, write(tmp_path / "x.ndjson", content))
    assert (receipt.accepted, receipt.reasons) == (2, {"missing_field": 1, "wrong_type": 1})
    assert rows(connection, source, None, "key, operation") == [("k1", "delete"), ("k2", "delete")]


def test_key_of_several_fields(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Texts that would run into each other stay two keys."""
    source = with_fields(Field("part", "integer", required=True), Field("day", "date", required=True))
    source = with_fields(source=source, key=("id", "part", "day"))
    records = [thing(1, id=name, part=1, day="2024-01-01") for name in ('a","1', "a", 'ä"')]
    land(connection, source, write(tmp_path / "x.ndjson", ndjson(records)))
    keys = [json.loads(row[0]) for row in rows(connection, source, None, "key")]
    assert keys == [['a","1', "1", "2024-01-01"], ["a", "1", "2024-01-01"], ['ä"', "1", "2024-01-01"]]


def test_snapshots_of_three_days(connection: psycopg.Connection, tmp_path: Path) -> None:
    """State A, then B, then A again are three facts; the same state of the same moment is one."""
    a, b = (write(tmp_path / name, f'{{"id":"1","name":"{name}"}}\n'.encode() * 2) for name in ("a.ndjson", "b.ndjson"))
    for path, moment in ((a, MONDAY), (b, TUESDAY), (a, WEDNESDAY)):
        receipt = land(connection, STATES, path, snapshot_at=moment)
        assert (receipt.outcome, receipt.accepted, receipt.duplicate) == ("landed", 1, 1)
    assert land(connection, STATES, a, snapshot_at=MONDAY).outcome == "already_landed"
    assert [row[0] for row in rows(connection, STATES, None, "event_at")] == [MONDAY, TUESDAY, WEDNESDAY]


def test_snapshot_of_the_same_moment_is_whole_again(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A corrected one replaces the first: what both hold is no duplicate, or it would seem to be gone."""
    lines = [b'{"id":"%d"}\n' % n for n in range(3)]
    first, second = (write(tmp_path / f"{n}.ndjson", b"".join(lines[n:])) for n in range(2))
    for path, count in ((first, 3), (second, 2)):
        receipt = land(connection, STATES, path, snapshot_at=MONDAY)
        assert (receipt.accepted, receipt.duplicate) == (count, 0)


def test_snapshot_shows_the_time_of_its_file(connection: psycopg.Connection, tmp_path: Path) -> None:
    path = write(tmp_path / "x.ndjson", b'{"id":"1"}')
    os.utime(path, (MONDAY.timestamp(), MONDAY.timestamp()))
    land(connection, STATES, path)
    assert land(connection, STATES, path).outcome == "already_landed"
    os.utime(path, (TUESDAY.timestamp(), TUESDAY.timestamp()))
    assert land(connection, STATES, path).outcome == "landed"
    assert [row[0] for row in rows(connection, STATES, None, "event_at")] == [MONDAY, TUESDAY]
    with path.open("rb") as stream, pytest.raises(UsageError, match="--snapshot-at"):
        land_stream(connection, STATES, stream)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"\n", "empty_snapshot: it would mean that everything was deleted"),
        (
            b"{\n",
            "wrong_records: none of its 1 records holds the contract (truncated_json 1)."
            " The first: line 1, truncated_json: the record ends too early",
        ),
        (
            b'\n{"id":null}\n[]\n\n{"\\u0000\\ud83d\\ude00":1}\n[1]',
            "wrong_records: none of its 4 records holds the contract"
            " (not_an_object 2, missing_field 1, nul_character 1). The first:"
            " line 2, missing_field: id must be there, and is null;"
            " line 3, not_an_object: the record must be a JSON object;"
            " line 5, nul_character: holds the character U+0000, which Postgres can't store",
        ),
    ],
    ids=["blank", "truncated", "several"],
)
def test_empty_snapshot_is_refused(
    connection: psycopg.Connection, tmp_path: Path, content: bytes, refusal: str
) -> None:
    """It would say that everything is gone. Its records stay with the file; which are wrong, and where, is told."""
    receipt = land(connection, STATES, write(tmp_path / "x.ndjson", content), snapshot_at=MONDAY)
    assert (receipt.outcome, receipt.refusal) == ("refused", refusal)
    assert connection.execute("select count(*) from explore.quarantine").fetchone() == (0,)


def test_four_processes_land_one_file(
    connection: psycopg.Connection, environment: dict[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path / "x.ndjson", ndjson(thing(n) for n in range(5000)))
    results = race(environment, *([path] for _ in range(4)))
    assert sorted(r[0][0] for r in results) == ["already_landed"] * 3 + ["landed"]
    assert len(rows(connection, THINGS, None, "key")) == 5000
    assert books(connection) == {"batches": 1, "quarantine": 0, "accepted": 5000}
    audit(connection, THINGS, land_file(connection, THINGS, path))


def test_four_processes_land_overlapping_files(
    connection: psycopg.Connection, environment: dict[str, str], tmp_path: Path
) -> None:
    """Each change lands once, in whichever file came first; also within one that is landed as the very first."""
    spans = [range(4000), range(2000, 6000), range(3000, 3500), range(1000, 7000)]
    files = [write(tmp_path / f"{n}.ndjson", ndjson(thing(number) for number in span)) for n, span in enumerate(spans)]
    results = race(environment, *([file] for file in files))
    assert [counts[0][:2] for counts in results] == [("landed", len(span)) for span in spans]
    assert sum(counts[0][2] for counts in results) == 7000
    assert sorted(row[0] for row in rows(connection, THINGS, None, "key")) == sorted(f"k{n}" for n in range(7000))
    together = with_fields(entity="together")
    land(connection, together, write(tmp_path / "all.ndjson", ndjson(thing(n) for n in range(7000))))
    assert fingerprint(connection, THINGS) == fingerprint(connection, together)


def test_landing_waits_for_nobody_while_it_reads(connection: psycopg.Connection, settings: Settings) -> None:
    """A delivery that trickles in holds no lock that another of the same source waits for."""
    reader, writer = os.pipe()
    with (
        subprocess.Popen(
            [sys.executable, "-m", "atlas", "land", "crm.customers", "-"],
            env=os.environ | {"ATLAS_DATABASE_URL": str(settings.database_url), "ATLAS_PROJECT": str(settings.project)},
            stdin=reader,
            stdout=subprocess.DEVNULL,
        ) as slow,
        open(writer, "wb", buffering=0) as file,  # noqa: PTH123 - a descriptor
    ):
        os.close(reader)
        file.write(b"{}\n")
        deadline = time.monotonic() + 120
        copying = "select exists (select from pg_locks where relation = to_regclass('explore.raw_crm__customers'))"
        while connection.execute(copying).fetchone() != (True,):
            assert time.monotonic() < deadline
            assert slow.poll() is None
            time.sleep(0.02)
        crm = with_fields(system="crm", entity="customers")
        connection.execute("set lock_timeout = '2s'")
        for n in range(3):
            assert land_stream(connection, crm, io.BytesIO(line(n))).accepted == 1
        file.close()
        assert slow.wait(30) == 1
    assert len(rows(connection, crm, None)) == 3
