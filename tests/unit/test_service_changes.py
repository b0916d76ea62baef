"""Reading what has changed while it changes: nothing is passed over, whatever moves where between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.collectors.services import EVERYTHING, Change, Page, changes_since, is_settled, since_of

START = datetime(2025, 1, 1, tzinfo=UTC)
SIZE = 3


def tick(number: int) -> datetime:
    return START + timedelta(seconds=number)


class World:
    """Things and when they changed last. Before each page, some of them change, all in one second."""

    def __init__(self, first: list[int], meanwhile: list[list[int]]) -> None:
        self.now = max(first, default=0)
        self.changed_at = dict(enumerate(first))
        self.meanwhile = iter(meanwhile)
        self.asked: list[tuple[datetime, int]] = []

    def page(self, since: datetime, number: int) -> Page:
        """A page as the service lists it: oldest change first, ties as badly as can be."""
        self.asked.append((since, number))
        self.now += 1
        for thing in next(self.meanwhile, []):
            self.changed_at[thing] = self.now
        order = sorted(self.changed_at, key=lambda thing: (self.changed_at[thing], -thing))
        changes = [
            Change(thing, tick(self.changed_at[thing]), None)
            for thing in order
            if tick(self.changed_at[thing]) >= since
        ]
        return Page(changes[(number - 1) * SIZE : number * SIZE], has_more=len(changes) > number * SIZE)


def read(world: World, since: datetime = EVERYTHING) -> Iterator[Change]:
    for changes in changes_since(world.page, since):
        assert changes == sorted(changes, key=lambda change: change.changed_at)
        yield from changes


TIMES = st.lists(st.integers(0, 4), max_size=25)


@settings(max_examples=500, deadline=None)
@given(first=TIMES, meanwhile=st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=20))
def test_in_the_end_everything_was_read_as_it_is(first: list[int], meanwhile: list[list[int]]) -> None:
    world = World(first, meanwhile)
    last_read: dict[int, datetime] = {}
    for change in read(world):
        last_read[change.identity] = change.changed_at
    assert last_read == {thing: tick(at) for thing, at in world.changed_at.items()}


@settings(max_examples=200, deadline=None)
@given(first=TIMES, since=st.integers(0, 5))
def test_where_nothing_changes_each_is_read_once_and_no_page_often(first: list[int], since: int) -> None:
    world = World(first, [])
    found = [change.identity for change in read(world, tick(since))]
    assert sorted(found) == [thing for thing, at in enumerate(first) if at >= since]
    # Every page brings something, but for pages of one second, which are read twice.
    assert len(world.asked) <= 2 * (len(found) // SIZE + 1) + 5


def test_what_changed_just_now_is_not_settled() -> None:
    assert [is_settled(tick(number), tick(10)) for number in (0, 5, 6, 10, 11)] == [True, True, False, False, False]


def test_a_day_begins_in_utc() -> None:
    assert since_of("2025-01-01") == START
    assert since_of("2025-01-01T02:00:00+02:00") == START
