"""The rules of docs/guides/history.md, one by one: events go in, batch by batch, and these versions come out."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import psycopg
import pytest
from history_support import (  # noqa: F401
    START,
    Event,
    Statements,
    Version,
    arrive,
    day,
    fixture_db,
    fixture_history,
    fixture_statements,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]
    Make = Callable[..., list[Version]]


@pytest.fixture
def made(db: Connection, statements: Statements) -> Make:
    """How to get the versions that some batches make."""

    def make(*batches: list[Event]) -> list[Version]:
        statements.run(db, batches)
        return versions(db)

    return make


def red(at: float, thing: str = "a") -> Event:
    return Event(thing, at, colour="red")


def blue(at: float, thing: str = "a") -> Event:
    return Event(thing, at, colour="blue")


def gone(at: float, thing: str = "a") -> Event:
    return Event(thing, at, "delete")


def test_versions_are_half_open(db: Connection, made: Make) -> None:
    assert made([red(0), blue(1)]) == [Version("a", "red", 0, 1), Version("a", "blue", 1, None, 1)]
    as_of = "select colour from history.dim_thing where valid_from <= %(t)s and (%(t)s < valid_to or valid_to is null)"
    boundary = START + timedelta(days=1)
    assert db.execute(as_of, {"t": boundary}).fetchall() == [("blue",)]
    assert db.execute(as_of, {"t": boundary - timedelta(microseconds=1)}).fetchall() == [("red",)]


def test_consecutive_equal_values_are_one_version(made: Make) -> None:
    assert made([red(0), red(1), blue(2), blue(3)], [blue(4)]) == [
        Version("a", "red", 0, 2),
        Version("a", "blue", 2, None, 2),
    ]


def test_null_is_a_value_equal_to_itself(made: Make) -> None:
    unknown = [Event("a", at) for at in (0, 1, 3)]
    assert made([*unknown, red(2)]) == [
        Version("a", None, 0, 2),
        Version("a", "red", 2, 3, 2),
        Version("a", None, 3, None, 3),
    ]


def test_several_changes_of_a_key_in_one_run_in_any_order(made: Make) -> None:
    expected = [Version("a", "red", 0, 1), Version("a", "blue", 1, 2, 1), Version("a", "red", 2, None, 2)]
    assert made([red(0), blue(1), red(2)]) == expected
    assert made([red(2), red(0), blue(1)]) == expected


def test_a_late_change_splits_a_version(made: Make) -> None:
    assert made([red(0), red(4)], [blue(2)]) == [
        Version("a", "red", 0, 2),
        Version("a", "blue", 2, 4, 2),
        Version("a", "red", 4, None, 4),
    ]


def test_a_late_change_extends_a_version_backwards(made: Make) -> None:
    assert made([red(0), blue(4)], [blue(2)]) == [Version("a", "red", 0, 2), Version("a", "blue", 2, None, 2)]


def test_a_late_change_before_all_others_opens_the_timeline(made: Make) -> None:
    assert made([blue(4)], [red(2)]) == [Version("a", "red", 2, 4), Version("a", "blue", 4, None, 4)]


def test_a_delete_closes(made: Make) -> None:
    assert made([red(0)], [gone(1)]) == [Version("a", "red", 0, 1)]


def test_a_readded_key_opens_a_new_version(made: Make) -> None:
    assert made([red(0), gone(1)], [red(3)]) == [Version("a", "red", 0, 1), Version("a", "red", 3, None, 1)]


def test_a_late_delete_makes_a_gap(made: Make) -> None:
    assert made([red(0), red(3)], [gone(2)]) == [Version("a", "red", 0, 2), Version("a", "red", 3, None, 2)]


def test_a_delete_may_arrive_before_what_it_deletes(made: Make) -> None:
    assert made([gone(2)], [red(0)]) == [Version("a", "red", 0, 2)]


def test_a_second_delete_changes_nothing(made: Make) -> None:
    assert made([red(0), gone(1)], [gone(2)]) == [Version("a", "red", 0, 1)]


def test_of_two_changes_at_one_time_the_higher_sequence_wins(made: Make) -> None:
    low, high = Event("a", 0, colour="red", sequence=1), Event("a", 0, colour="blue", sequence=2)
    for batches in ([[low], [high]], [[high], [low]], [[low, high]], [[high, low]]):
        assert made(*batches) == [Version("a", "blue", 0, None)]


def test_of_two_changes_of_one_sequence_the_greater_hash_wins(made: Make) -> None:
    lesser, greater = blue(0), red(0)
    assert lesser.row[5] < greater.row[5]
    for batches in ([[lesser], [greater]], [[greater], [lesser]], [[lesser, greater]], [[greater, lesser]]):
        assert made(*batches) == [Version("a", "red", 0, None)]


def test_a_tie_can_turn_a_change_into_a_delete(made: Make) -> None:
    assert made([red(0), blue(1)], [Event("a", 1, "delete", sequence=9)]) == [Version("a", "red", 0, 1)]


def test_what_is_read_again_changes_nothing(db: Connection, statements: Statements) -> None:
    batch = [red(0), blue(1), gone(2), red(0, "b")]
    statements.run(db, [batch])
    before = db.execute("select xmin::text, * from history.dim_thing order by 2").fetchall()
    arrive(db, batch)
    rerun(db, statements)
    assert db.execute("select xmin::text, * from history.dim_thing order by 2").fetchall() == before


def test_only_the_difference_is_written(db: Connection, statements: Statements) -> None:
    statements.run(db, [[red(0), blue(1), red(2), red(0, "b")]])
    before = {row[0] for row in db.execute("select version_key, xmin::text from history.dim_thing")}
    written = "select thing, valid_from from history.dim_thing where xmin::text <> %s order by 1, 2"
    (first,) = db.execute("select distinct xmin::text from history.dim_thing").fetchall()
    arrive(db, [blue(3)])
    rerun(db, statements)
    rows = db.execute(written, first).fetchall()
    # The version that was closed and the one that was opened; the older ones, and the other thing, stay untouched.
    assert [(thing, day(moment)) for thing, moment in rows] == [("a", 2), ("a", 3)]
    assert before < {row[0] for row in db.execute("select version_key from history.dim_thing")}


def test_events_are_kept_with_deletes_and_repeats(db: Connection, made: Make) -> None:
    made([red(0), red(1), gone(2)], [gone(3)])
    kept = db.execute("select at, is_deleted from history.dim_thing__events order by at").fetchall()
    assert [(day(at), is_deleted) for at, is_deleted in kept] == [(0, False), (1, False), (2, True), (3, True)]


def test_the_version_key_comes_from_key_and_valid_from_alone(db: Connection, made: Make) -> None:
    keys = "select version_key from history.dim_thing where thing = 'a' order by valid_from"
    made([red(0)], [blue(2)], [red(1, "b")])
    (piecemeal,) = [db.execute(keys).fetchall()]
    made([red(1, "c"), blue(2), red(0)])
    assert db.execute(keys).fetchall() == piecemeal
    made([Event("a", 0, colour="other"), Event("a", 2, colour="values")])
    assert db.execute(keys).fetchall() == piecemeal


def test_parts_of_a_key_are_never_run_together(db: Connection, made: Make) -> None:
    pairs = [("a", "bc"), ("ab", "c"), ("a|b", "c"), ("a", "b|c"), ("1:a", "b"), ("1", ":a1:b"), ("", "abc")]
    made([Event(thing, 0, part=part) for thing, part in pairs])
    assert db.execute("select count(*), count(distinct version_key) from history.dim_thing").fetchone() == (7, 7)


def test_keys_that_look_alike_stay_apart(made: Make) -> None:
    composed, decomposed = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")
    things = ["a", "a ", " a", "A", composed, decomposed]
    found = made([red(0, thing) for thing in things], [gone(1, "a ")])
    assert {version.thing for version in found if version.valid_to is None} == set(things) - {"a "}


def test_the_sessions_time_zone_makes_no_difference(db: Connection, statements: Statements) -> None:
    batches = [[red(0), blue(1)], [red(0.5)]]
    statements.run(db, batches)
    plain = db.execute("select * from history.dim_thing order by valid_from").fetchall()
    db.execute("set timezone = 'America/St_Johns'; set datestyle = 'German'")
    try:
        statements.run(db, batches)
    finally:
        db.execute("reset all")
    assert db.execute("select * from history.dim_thing order by valid_from").fetchall() == plain


@pytest.mark.parametrize(
    "day", [pytest.param((2024, 3, 31), id="skips an hour"), pytest.param((2024, 10, 27), id="has an hour twice")]
)
def test_a_day_on_which_clocks_change(db: Connection, statements: Statements, day: tuple[int, int, int]) -> None:
    """Half an hour before and after Berlin changes its clocks, at 01:00 UTC: an hour apart, whatever they show."""
    moments = [datetime(*day, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    events = [(START - moment) / timedelta(days=-1) for moment in moments]
    db.execute("set timezone = 'Europe/Berlin'")
    try:
        statements.run(db, [[red(events[0])], [blue(events[1])]])
        found = db.execute("select valid_to - valid_from from history.dim_thing where not is_current").fetchall()
    finally:
        db.execute("reset all")
    assert found == [(timedelta(hours=1),)]


def test_times_before_1970_and_after_2100(db: Connection, statements: Statements) -> None:
    moments = ["0044-03-15 12:00:00+00 BC", "0001-01-01 00:00:00+00", "1969-12-31 23:59:59.999999+00"]
    moments += ["2101-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00", "294276-12-31 23:59:59.999999+00"]
    statements.run(db, [[red(0, "b")]])
    db.execute("truncate explore.thing_events")
    for number, moment in enumerate(reversed(moments)):
        row = ["a", "p", moment, "upsert", 0, "hash", str(number)]
        db.execute("insert into explore.thing_events values (%s, %s, %s::timestamptz, %s, %s, %s, %s)", row)
    rerun(db, statements)
    found = db.execute(
        "select valid_from::text as moment from history.dim_thing where thing = 'a' order by valid_from"
    ).fetchall()
    assert [row[0] for row in found] == moments


def test_ten_thousand_changes_of_one_key(db: Connection, made: Make) -> None:
    minutes = [Event("a", number / 1440, colour=str(number % 7)) for number in range(10_000)]
    found = made(minutes[::2], minutes[1::2])
    assert len(found) == 10_000
    assert all(after.valid_from == before.valid_to for before, after in pairwise(found))


NIL = "'00000000-0000-0000-0000-000000000000'"
WRONG_VERSIONS = {
    "a second current version": "('a', 'p', '2024-01-05', null, true, null)",
    "a second first version": "('a', 'p', '2023-01-05', '2023-01-06', false, null)",
    "a version inside another": "('a', 'p', '2024-01-01 06:00Z', '2024-01-01 12:00Z', false, '2024-01-01 03:00Z')",
    "a second follower of a version": "('a', 'p', '2024-01-03', '2024-01-04', false, '2024-01-02 00:00Z')",
    "a version that ends before it begins": "('b', 'p', '2024-01-05', '2024-01-04', false, null)",
    "a follower that begins too early": "('a', 'p', '2024-01-01', '2024-01-04', false, '2024-01-02 00:00Z')",
    "a current version that has ended": "('b', 'p', '2024-01-05', '2024-01-06', true, null)",
    "a version without its key": "('b', null, '2024-01-05', null, true, null)",
}


@pytest.mark.parametrize("row", WRONG_VERSIONS.values(), ids=WRONG_VERSIONS.keys())
def test_the_database_refuses(db: Connection, made: Make, row: str) -> None:
    made([red(0), blue(1)])
    columns = "version_key, thing, part, valid_from, valid_to, is_current, prev_to"
    with pytest.raises(psycopg.errors.IntegrityError):
        db.execute(f"insert into history.dim_thing ({columns}) values {row.replace('(', f'({NIL}, ', 1)}")


def rerun(db: Connection, statements: Statements) -> None:
    with db.transaction():
        for statement in statements.increment:
            db.execute(statement)
