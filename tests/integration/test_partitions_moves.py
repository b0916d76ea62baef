"""Rows leave the catch-alls: each of them once, whatever others do meanwhile, and whenever the command is killed."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from partition_support import (
    FACTS,
    checked,
    fill,
    leftovers,
    lying_in,
    maintained,
    make_table,
    reading,
    repeating,
    spans,
)
from psycopg.rows import TupleRow

from atlas import relocation
from atlas.database import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlas.settings import Settings

Connection = psycopg.Connection[TupleRow]


def content(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(f"select id, at::text, note from {FACTS} order by 1, 2, 3").fetchall()


def test_rows_move_and_nothing_else_changes(connection: Connection, settings: Settings) -> None:
    make_table(connection)
    fill(connection, 640, "1961-03-01", "5 days")
    fill(connection, 10, "2119-12-31", "1 day", first=2_000)
    before = content(connection)
    assert checked(connection).catch_all_rows == 640 + 10
    outcome = maintained(settings)
    assert (outcome.moved, outcome.undone) == (650, [])
    assert content(connection) == before
    assert leftovers(connection) == []
    assert checked(connection).complaints == []
    found = spans(connection)
    assert list(found.items())[:3] == [
        (f"{FACTS}_before_1961", ("", "1961-01-01")),
        (f"{FACTS}_1961", ("1961-01-01", "1962-01-01")),
        (f"{FACTS}_1962", ("1962-01-01", "1963-01-01")),
    ]
    assert list(found.items())[-4:] == [
        (f"{FACTS}_2100_01_to_2119_01", ("2100-01-01", "2119-01-01")),
        (f"{FACTS}_2119", ("2119-01-01", "2120-01-01")),
        (f"{FACTS}_2120", ("2120-01-01", "2121-01-01")),
        (f"{FACTS}_from_2121", ("2121-01-01", "")),
    ]
    # What lies between two of them still takes what comes, until it is moved as well.
    connection.execute(f"insert into {FACTS} values (0, '2105-05-05')")
    assert maintained(settings).moved == 1
    assert lying_in(connection)[f"{FACTS}_2105"] == 1
    constraints = connection.execute("select conname from pg_constraint where conname like 'atlas%'").fetchall()
    assert constraints == []


@pytest.mark.parametrize("field_type", ["timestamptz", "timestamp", "date"])
def test_what_no_year_can_mean_stays_and_is_told(connection: Connection, settings: Settings, field_type: str) -> None:
    make_table(connection, field_type=field_type)
    moments = ["infinity", "-infinity", "0044-03-15 BC", "0001-01-01", "9999-12-31", "10000-01-01", "100000-06-06"]
    for number, moment in enumerate(moments):
        connection.execute(f"insert into {FACTS} values (%s, %s)", [number, moment])
    outcome = maintained(settings)
    assert (outcome.moved, outcome.undone) == (2, [])
    assert checked(connection).complaints == ["5 rows in catch-alls"]
    assert lying_in(connection) == {
        f"{FACTS}_0001": 1,
        f"{FACTS}_9999": 1,
        f"{FACTS}_before_0001": 2,
        f"{FACTS}_from_10000": 3,
    }
    assert maintained(settings).moved == 0


def test_moments_at_the_edges_of_a_period(connection: Connection, settings: Settings) -> None:
    make_table(connection, granularity="quarter")
    moments = ["1969-09-30 23:59:59.999999+00", "1969-10-01 00:00+00", "1969-12-31 23:59:59.999999+00"]
    for number, moment in enumerate(moments):
        connection.execute(f"insert into {FACTS} values (%s, %s)", [number, moment])
    assert maintained(settings).moved == 3
    assert lying_in(connection) == {f"{FACTS}_1969q3": 1, f"{FACTS}_1969q4": 2}


def meanwhile(monkeypatch: pytest.MonkeyPatch, *actions: Callable[[], None]) -> None:
    """Do something once the rows have been copied, and before the copies are put in place; each action once."""
    left = list(actions)
    wait = relocation._wait_for_older

    def act(*arguments: Any) -> None:
        if left:
            left.pop(0)()
        wait(*arguments)

    monkeypatch.setattr(relocation, "_wait_for_older", act)


CHANGES = (
    f"insert into {FACTS} values (5000, '1969-05-05', 'came to a piece that is there')",
    f"insert into {FACTS} values (5001, '1950-05-05', 'came to what is left')",
    f"insert into {FACTS} values (5002, now(), 'came elsewhere')",
    f"update {FACTS} set note = 'changed' where id in (1, 2)",
    f"update {FACTS} set note = 'changed again' where id = 2",
    f"update {FACTS} set at = at - interval '20 years' where id = 3",
    f"update {FACTS} set at = now(), note = 'went away' where id = 4",
    f"delete from {FACTS} where id in (5, 6, 7)",
    f"insert into {FACTS} values (6, '1969-02-02', 'came back elsewhere')",
    f"insert into {FACTS} select id, at, 'came back' from (values (5, '1965-01-05'::timestamptz)) as v (id, at)",
    f"begin; delete from {FACTS}; rollback",
    f"begin; insert into {FACTS} values (6000, '1969-01-01'); savepoint s; delete from {FACTS} where id = 6000;"
    " rollback to s; update navigate_base.fct_thing set note = 'of a subtransaction' where id = 6000; commit",
)


@pytest.mark.parametrize("late", [False, True], ids=["caught up", "under the lock"])
def test_what_changes_while_rows_are_copied(
    connection: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    make_table(connection)
    fill(connection, 1_000, "1965-01-01", "1 day")
    expected: list[Any] = []

    def change() -> None:
        for statement in CHANGES:
            connection.execute(statement)
        expected.extend(content(connection))

    if late:
        catch_up = relocation._catch_up

        def act(*arguments: Any) -> relocation.Copies:
            copies = catch_up(*arguments)
            if not expected:
                change()
            return copies

        monkeypatch.setattr(relocation, "_catch_up", act)
    else:
        meanwhile(monkeypatch, change)
    outcome = maintained(settings)
    assert outcome.undone == []
    assert len(expected) == 1_000 - 3 + 2 + 3 + 1
    assert content(connection) == expected
    assert maintained(settings).undone == []
    assert content(connection) == expected
    assert checked(connection).complaints == []
    assert leftovers(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        f"truncate {FACTS}; insert into {FACTS} values (1, '1965-01-01', 'the only one')",
        f"alter table {FACTS} add column more text default 'x'; insert into {FACTS} values (7000, '1966-06-06')",
        "drop table navigate_base.fct_thing cascade",
    ],
    ids=["emptied", "altered", "dropped"],
)
def test_a_table_that_becomes_another_meanwhile(
    connection: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    make_table(connection)
    make_table(connection, "fct_unrelated")
    fill(connection, 1_000, "1965-01-01", "1 day")
    connection.execute("insert into navigate_base.fct_unrelated values (1, '1965-01-01')")
    expected: list[Any] = []

    def alter() -> None:
        connection.execute(change)
        if "drop" not in change:
            expected.extend(content(connection))

    meanwhile(monkeypatch, alter)
    first = maintained(settings)
    if "drop" in change:
        assert first.moved == 0
    else:
        assert content(connection) == expected
        assert first.undone == []
        assert checked(connection).catch_all_rows == 0
    assert lying_in(connection, "navigate_base.fct_unrelated") == {"navigate_base.fct_unrelated_1965": 1}
    assert maintained(settings, "navigate_base.fct_unrelated").undone == []
    assert leftovers(connection) == []


def test_without_a_primary_key(connection: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was added can be told; which of several equal rows went, can't: then nothing is moved, and it is said."""
    make_table(connection, key=False)
    fill(connection, 100, "1965-01-01", "1 day")
    fill(connection, 100, "1965-01-01", "1 day")

    def add() -> None:
        connection.execute(f"insert into {FACTS} values (1, '1965-01-01', 'n1')")

    def remove() -> None:
        connection.execute(f"insert into {FACTS} values (300, '1950-01-01', 'another')")
        connection.execute(f"delete from {FACTS} where id = 300")

    meanwhile(monkeypatch, add, remove)
    assert maintained(settings).moved == 200
    before = content(connection)
    assert len(before) == 201
    connection.execute(f"insert into {FACTS} values (301, '1951-01-01', 'yet another')")
    outcome = maintained(settings)
    assert outcome.moved == 0
    assert outcome.undone == ["rows of its catch-all are being changed, and it has no primary key to tell which"]
    assert leftovers(connection) == []
    assert maintained(settings).moved == 1
    assert len(content(connection)) == 202


def test_more_periods_than_partitions_are_good_for(connection: Connection, settings: Settings) -> None:
    make_table(connection, granularity="month", ahead=0)
    connection.execute(
        f"insert into {FACTS} select n, '1000-01-05'::timestamptz + n * interval '2 months'"
        " from generate_series(1, 1200) as n"
    )
    # On a machine that is busy with something else, many an attempt takes too long.
    outcome = maintained(settings, wait_s=400)
    assert outcome.undone == ["with partitions for all rows of its catch-alls it would have more than 1,000"]
    assert 980 < checked(connection).partitions <= 1_000
    assert outcome.moved + checked(connection).catch_all_rows == 1_200


def test_attaching_looks_at_no_rows(
    connection: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time under the lock would grow with them."""
    make_table(connection, key=False)
    connection.execute(f"alter table {FACTS} alter column at drop not null")
    fill(connection, 1_000, "1965-01-01", "1 day")
    said: list[str] = []

    def listen(*arguments: Any) -> None:
        arguments[0].add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
        arguments[0].execute("set client_min_messages = debug1")

    monkeypatch.setattr(relocation, "_wait_for_older", listen)
    assert maintained(settings).moved == 1_000
    implied = [text for text in said if "is implied by existing constraints" in text]
    assert len(implied) == len([name for name in spans(connection) if re.search(r"_19|_before", name)])


def test_a_long_reader_is_named_and_holds_up_nobody_else(connection: Connection, settings: Settings) -> None:
    make_table(connection)
    fill(connection, 5_000, "1961-01-01", "12 hours")
    before = content(connection)
    told: list[str] = []

    def write(own: Connection, number: int) -> None:
        own.execute(f"insert into {FACTS} values (%s, now())", [10_000 + number])

    with reading(settings, f"select count(*) from {FACTS}"), repeating(settings, write, people=2) as waits:
        outcome = maintained(settings, wait_s=3, told=told)
        time.sleep(0.1)
    assert outcome.moved == 0
    assert outcome.undone == ["others hold it all the time; try it when they are through"]
    assert sum("a long report" in text for text in told) == 1
    assert re.fullmatch(
        rf"{FACTS}: waits for .*a long report \(process \d+, idle in transaction for \d+ s\).*", told[0]
    )
    assert len(waits) > 50
    # Behind the command an insert queues for 40 ms. Behind the reader it would have waited for more than 3 s.
    assert max(waits) < 0.25, f"an insert waited {max(waits) * 1000:.0f} ms"
    connection.execute(f"delete from {FACTS} where id >= 10000")
    assert content(connection) == before
    assert maintained(settings).moved == 5_000
    assert content(connection) == before
    assert leftovers(connection) == []


def test_an_older_snapshot_is_waited_for(connection: Connection, settings: Settings) -> None:
    """Somebody who sees the database as it was finds all rows, though it is the first time that they look for them."""
    make_table(connection)
    fill(connection, 100, "1965-01-01", "1 day")
    told: list[str] = []
    with connect(settings, autocommit=False) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select 1 from pipeline.partition_rules")
        outcome = maintained(settings, wait_s=1, told=told)
        assert outcome.undone == ["others work all the time in transactions that began earlier; try it later"]
        assert "waits for transactions that began earlier: atlas (process" in told[0]
        assert reader.execute(f"select count(*) from {FACTS}").fetchone() == (100,)
    assert maintained(settings).moved == 100


def test_while_rows_keep_coming_changing_and_going(connection: Connection, settings: Settings) -> None:
    """Readers always find all that stays, and in the end there is exactly what the writers left."""
    make_table(connection, granularity="month")
    fill(connection, 20_000, "1968-01-01", "50 minutes")
    expected: dict[int, str] = {}
    lock = threading.Lock()
    generator = random.Random(4)  # noqa: S311 - a test's

    def write(own: Connection, number: int) -> None:
        identifier = 100_000 + number
        moment = f"19{generator.randint(40, 69)}-{generator.randint(1, 12):02}-11"
        own.execute(f"insert into {FACTS} values (%s, %s, 'new')", [identifier, moment])
        with lock:
            expected[identifier] = "new"
        if number % 3 == 0:
            own.execute(f"update {FACTS} set note = 'changed' where id = %s", [identifier])
            with lock:
                expected[identifier] = "changed"
        if number % 5 == 0:
            own.execute(f"delete from {FACTS} where id = %s", [identifier])
            with lock:
                del expected[identifier]

    def read(own: Connection, _: int) -> None:
        found = own.execute(f"select count(*), count(distinct id) from {FACTS} where id <= 20000").fetchone()
        assert found == (20_000, 20_000)

    with repeating(settings, write, people=2) as waits, repeating(settings, read) as reads:
        outcome = maintained(settings, wait_s=100)
    assert outcome.moved > 20_000
    assert len(reads) > 10
    assert len(waits) > 50
    rows = connection.execute(f"select id, note from {FACTS} where id >= 100000").fetchall()
    assert sorted(rows) == sorted(expected.items())
    assert maintained(settings, wait_s=100).undone == []
    assert checked(connection).complaints == []
    assert leftovers(connection) == []


def test_killed_at_any_time_while_rows_arrive(
    connection: Connection, settings: Settings, environment: dict[str, str]
) -> None:
    """SIGKILL: no row is lost and none is there twice, and the next run clears up."""
    make_table(connection, granularity="month", ahead=0)
    fill(connection, 60_000, "1930-01-01", "5 hours")
    sent: list[int] = []
    generator = random.Random(5)  # noqa: S311 - a test's

    def write(own: Connection, number: int) -> None:
        own.execute(
            f"insert into {FACTS} values (%s, %s, 'arrived')",
            [100_000 + number, f"19{generator.randint(20, 69)}-{generator.randint(1, 12)}-06"],
        )
        sent.append(100_000 + number)
        time.sleep(0.01)

    kills = cut_short = 0
    with repeating(settings, write):
        for trial in range(24):
            command = subprocess.Popen(
                [sys.executable, "-m", "atlas", "partitions"],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            # Half of the kills fall anywhere; the others wait until something has been begun.
            deadline = time.monotonic() + (0.3 + 2 * generator.random() if trial % 2 else 20)
            while command.poll() is None and time.monotonic() < deadline:
                if not trial % 2 and leftovers(connection):
                    deadline = min(deadline, time.monotonic() + 0.2 * generator.random())
                time.sleep(0.002)
            if command.poll() is None:
                command.send_signal(signal.SIGKILL)
                command.wait()
                kills += 1
                cut_short += bool(leftovers(connection))
            counts = connection.execute(
                f"select count(*), count(distinct id) from {FACTS} where id <= 60000"
            ).fetchone()
            assert counts == (60_000, 60_000)
    assert kills > 5
    assert cut_short > 0, "no kill fell into a move"
    outcome = maintained(settings, wait_s=100)
    assert outcome.undone == []
    rows = connection.execute(f"select id from {FACTS} where id > 60000 order by id").fetchall()
    assert rows == [(number,) for number in sorted(sent)]
    assert checked(connection).complaints == []
    assert leftovers(connection) == []


def test_a_large_catch_all_blocks_inserts_no_longer_than_a_small_one(
    connection: Connection, settings: Settings
) -> None:
    make_table(connection)
    fill(connection, 300_000, "1965-01-01", "5 minutes")

    def write(own: Connection, number: int) -> None:
        own.execute(f"insert into {FACTS} values (%s, now())", [1_000_000 + number])

    with repeating(settings, write) as waits:
        outcome = maintained(settings, wait_s=60)
    assert outcome.moved == 300_000
    assert outcome.undone == []
    assert max(waits) < 0.25, f"an insert waited {max(waits) * 1000:.0f} ms"
