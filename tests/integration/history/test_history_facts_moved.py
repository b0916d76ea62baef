"""What becomes of facts when a timeline changes: those that it concerns are re-pointed, the others not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from facts_support import NOBODY, Replay, colours, facts, record, rewritten, sell, set_up, told
from history_support import START, Event, Project, fixture_db, fixture_history  # noqa: F401
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]


@pytest.fixture(scope="module", name="recorded")
def fixture_recorded(history: Project, db: Connection) -> Replay:
    """The statements; dbt is started twice, for all tests here."""
    set_up(history, db)
    return record(history, db)


@pytest.fixture(name="replay")
def fixture_replay(recorded: Replay, db: Connection) -> Replay:
    """The statements, and nothing built."""
    recorded.empty(db)
    return recorded


CHANGES = {
    "a version is split": ([Event("a", 5, colour="green")], {2: "green", 3: "green"}),
    "a version is added": ([Event("a", 30, colour="green")], {6: "green"}),
    "a version begins earlier": (
        [Event("a", 5, colour="blue")],
        {2: "blue", 3: "blue", 4: "blue", 5: "blue", 6: "blue"},
    ),
    "a version is closed": ([Event("a", 16, "delete")], {5: NOBODY, 6: NOBODY}),
    "a gap is made": ([Event("a", 5, "delete")], {2: NOBODY, 3: NOBODY}),
    "a version is removed": ([Event("a", 10, "delete", sequence=1)], {4: NOBODY, 5: NOBODY, 6: NOBODY}),
    "two versions become one": ([Event("a", 10, colour="red", sequence=1)], {4: "red", 5: "red", 6: "red"}),
    "the timeline begins earlier": ([Event("a", -9, colour="old")], {0: "old"}),
    "several at once": ([Event("a", -9, colour="old"), Event("a", 30, "delete")], {0: "old", 6: NOBODY}),
    "nothing": ([Event("a", 12, colour="blue")], {}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_timeline_moves_its_facts_and_no_others(replay: Replay, db: Connection, case: str) -> None:
    replay.read(db, [Event(key, day, colour=c) for key in "ab" for day, c in ((0, "red"), (10, "blue"))])
    sell(db, *[(n, "a", day) for n, day in enumerate((-2, 2, 5, 8, 10, 16, 31))], (7, "b", 5), (8, "b", 31))
    replay.build(db)
    before = facts(db)
    assert colours(db) == {0: NOBODY, 1: "red", 2: "red", 3: "red"} | dict.fromkeys((4, 5, 6, 8), "blue") | {7: "red"}

    events, expected = CHANGES[case]
    replay.read(db, events)
    assert told(db) == (1 if expected else 0)
    replay.build(db)
    after = facts(db)
    assert {sale: fact.colour for sale, fact in after.items()} == {n: f.colour for n, f in before.items()} | expected
    assert rewritten(before, after) == set(expected)
    assert told(db) == 0


def test_other_values_of_a_version_move_no_fact(replay: Replay, db: Connection) -> None:
    replay.read(db, [Event("a", 0, colour="red")])
    sell(db, (1, "a", 5))
    replay.build(db)
    before = facts(db)
    replay.read(db, [Event("a", 0, colour="azure", sequence=1)])
    assert told(db) == 0
    replay.build(db)
    assert colours(db) == {1: "azure"}
    assert rewritten(before, facts(db)) == set()


def test_changes_of_several_runs_are_followed_at_once_from_the_earliest_on(replay: Replay, db: Connection) -> None:
    replay.read(db, [Event("a", 0, colour="red")])
    sell(db, (1, "a", 5), (2, "a", 15))
    replay.build(db)
    replay.read(db, [Event("a", 10, colour="blue")])
    replay.read(db, [Event("a", 3, colour="green")])
    replay.read(db, [Event("a", 20, colour="grey")])
    replay.build(db)
    assert colours(db) == {1: "green", 2: "blue"}


def test_a_fact_without_a_time_or_a_key(replay: Replay, db: Connection) -> None:
    sell(db, (1, "a", None), (2, None, 5), (3, None, None))
    replay.build(db)
    assert colours(db) == dict.fromkeys((1, 2, 3), NOBODY)
    before = facts(db)
    first_day = START.replace(year=1, day=2)
    replay.read(db, [Event("a", (first_day - START).days, colour="first")])
    replay.build(db)
    assert colours(db) == {1: "first", 2: NOBODY, 3: NOBODY}
    assert rewritten(before, facts(db)) == {1}


events = st.tuples(
    st.sampled_from("abc"),
    st.integers(0, 12),
    st.sampled_from(["upsert", "upsert", "upsert", "delete"]),
    st.sampled_from(["red", "blue"]),
    st.integers(0, 2),
).map(lambda drawn: Event(*drawn[:3], colour=drawn[3], sequence=drawn[4]))
sales = st.tuples(st.sampled_from("abcd"), st.integers(-1, 13))
# What the dimension reads, or what is sold; facts are built after the latter.
steps = st.lists(
    st.tuples(st.lists(events, max_size=4), st.none()) | st.tuples(st.none(), st.lists(sales, max_size=4)), max_size=8
)
AS_OF = """
    select fact.sale
    from history.fct_sale as fact
    where fact.thing_version_key <> coalesce(
        (
            select thing.version_key from history.dim_thing as thing
            where
                (thing.thing, thing.part) = (fact.thing, fact.part)
                and thing.valid_from <= fact.sold_at and fact.sold_at < coalesce(thing.valid_to, 'infinity')
        ),
        (select thing.version_key from history.dim_thing as thing where thing.is_placeholder)
    )
"""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_whatever_comes_first_each_fact_has_the_version_of_its_time(
    replay: Replay, db: Connection, steps: list[tuple[list[Event] | None, list[tuple[str, int]] | None]]
) -> None:
    """Facts and events arrive in any order; a rebuild would say the same, and unmoved facts lie where they lay."""
    replay.empty(db)
    number = 0
    for changed, sold in steps:
        if changed is not None:
            replay.read(db, changed)
            continue
        for thing, at in sold or ():
            number += 1
            sell(db, (number, thing, at))
        before = rows(db)
        replay.build(db)
        after = rows(db)
        unmoved = {sale for sale in before if before[sale][0] == after[sale][0]}
        assert {sale: after[sale] for sale in unmoved} == {sale: before[sale] for sale in unmoved}
    replay.build(db)
    assert db.execute(AS_OF).fetchall() == []
    assert len(rows(db)) == number


def rows(db: Connection) -> dict[int, tuple[str, ...]]:
    """By number, each fact's version and the place of its row."""
    query = "select sale, thing_version_key::text, xmin::text, ctid::text from history.fct_sale"
    return {row[0]: row[1:] for row in db.execute(query).fetchall()}
