"""Whatever the order and the cuts in which events arrive, the versions are those that the events make by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from history_support import (  # noqa: F401
    Event,
    Statements,
    Version,
    fixture_db,
    fixture_history,
    fixture_statements,
    versions,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    import psycopg
    from psycopg.rows import TupleRow

EXAMPLES = 500
# Few keys, times and values, so that they meet: ties, repeats, gaps and splices are the rule here.
EVENTS = st.lists(
    st.builds(
        Event,
        thing=st.sampled_from(["a", "b"]),
        at=st.integers(0, 6),
        operation=st.sampled_from(["upsert", "upsert", "delete"]),
        colour=st.sampled_from(["red", "blue", None]),
        sequence=st.sampled_from([0, 0, 1]),
        size=st.none(),
        part=st.just("p"),
    ),
    min_size=1,
    max_size=12,
)


def fold(events: Iterable[Event]) -> list[Version]:
    """The oracle: what an auditor would write down, key by key and day by day."""
    winners: dict[tuple[str, float], Event] = {}
    for event in events:
        instant = (str(event.thing), event.at)
        if instant not in winners or rank(event) > rank(winners[instant]):
            winners[instant] = event
    found = []
    for thing in sorted({thing for thing, _ in winners}):
        opened: Event | None = None
        ended: float | None = None
        for (key, _), event in sorted(winners.items()):
            is_there = event.operation == "upsert"
            if key != thing or (opened and is_there and event.colour == opened.colour):
                continue
            if opened:
                found.append(Version(thing, opened.colour, opened.at, event.at, ended))
                ended = event.at
            opened = event if is_there else None
        if opened:
            found.append(Version(thing, opened.colour, opened.at, None, ended))
    return found


def rank(event: Event) -> tuple[int, str]:
    """What settles a tie: the sequence, then the hash."""
    return event.sequence, event.row[5]


shown: list[int] = []


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=EVENTS, order=st.randoms(use_true_random=False), cuts=st.lists(st.integers(1, 4), max_size=4))
def test_any_order_and_any_cut_give_the_same_versions(
    db: psycopg.Connection[TupleRow],
    statements: Statements,
    events: list[Event],
    order: random.Random,
    cuts: list[int],
) -> None:
    shown.append(1)
    arrival = [*events]
    order.shuffle(arrival)
    batches = []
    for cut in cuts:
        batches.append(arrival[:cut])
        arrival = arrival[cut:]
    batches.append(arrival)

    statements.run(db, batches)
    assert versions(db) == fold(events)
    piecemeal = everything(db)
    statements.run(db, [events])
    assert everything(db) == piecemeal


def test_enough_examples_ran() -> None:
    assert len(shown) >= EXAMPLES


def everything(connection: psycopg.Connection[TupleRow]) -> list[object]:
    """All columns of versions and events, the versions' surrogate keys included."""
    return [
        connection.execute(f"select * from history.{table} order by thing, part, {moment}").fetchall()
        for table, moment in (("dim_thing", "valid_from"), ("dim_thing__events", "at"))
    ]
