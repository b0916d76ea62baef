"""Reading what has changed while it changes: nothing is passed over, whatever moves where between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atlas.collectors.services import EVERYTHING, Change, Page, changes_since, is_settled, since_of
from atlas.errors import UsageError

START = datetime(2025, 1, 1, tzinfo=UTC)
SIZE = 3


def tick(number: int) -> datetime:
    return START + timedelta(seconds=number)


class World:
    """Things and when they changed last. Before each page, some of them change, all in one second.

    What changed in the last ``unsettled`` seconds isn't shown; what changed ``coarseness`` seconds before it was asked
    for is: services round down, to a second or a minute.
    """

    def __init__(self, first: list[int], meanwhile: list[list[int]], unsettled: int = 0, coarseness: int = 0) -> None:
        self.now = max(first, default=0) + unsettled
        self.unsettled = unsettled
        self.coarseness = coarseness
        self.changed_at = dict(enumerate(first))
        self.meanwhile = iter(meanwhile)
        self.asked: list[tuple[datetime, int]] = []

    def page(self, since: datetime, number: int) -> Page:
        """A page as the service lists it: oldest change first, ties as badly as can be."""
        self.asked.append((since, number))
        assert len(self.asked) < 1000, "it goes on for ever"
        self.now += 1
        for thing in next(self.meanwhile, []):
            self.changed_at[thing] = self.now
        order = sorted(self.changed_at, key=lambda thing: (self.changed_at[thing], -thing))
        changes = [
            Change(thing, tick(self.changed_at[thing]), None)
            for thing in order
            if tick(self.changed_at[thing]) >= since - timedelta(seconds=self.coarseness)
        ]
        listed = changes[(number - 1) * SIZE : number * SIZE]
        shown = [change for change in listed if change.identity in self.settled()]
        is_cut = len(shown) < len(listed)
        return Page(shown, has_more=len(changes) > number * SIZE and not is_cut, is_cut=is_cut)

    def settled(self) -> dict[int, datetime]:
        """What changed last so long ago that it is shown."""
        return {thing: tick(at) for thing, at in self.changed_at.items() if at <= self.now - self.unsettled}


def read(world: World, since: datetime = EVERYTHING) -> Iterator[Change]:
    for changes in changes_since(world.page, since):
        assert changes == sorted(changes, key=lambda change: change.changed_at)
        yield from changes


TIMES = st.lists(st.integers(0, 4), max_size=25)


@settings(max_examples=250, deadline=None)
@given(
    first=TIMES,
    meanwhile=st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=20),
    unsettled=st.integers(0, 3),
    coarseness=st.integers(0, 2),
)
# Pages of one moment that bring nothing new, while the rest moves up from page to page.
@example(first=[], meanwhile=[[0, 1, 2, 3, 4, 5, 7, 8], [], [6], [3], [4], [2, 5]], unsettled=0, coarseness=0)
def test_in_the_end_everything_was_read_as_it_is(
    first: list[int], meanwhile: list[list[int]], unsettled: int, coarseness: int
) -> None:
    world = World(first, meanwhile, unsettled, coarseness)
    last_read: dict[int, datetime] = {}
    for change in read(world):
        last_read[change.identity] = change.changed_at
    # What settled while it was read may be left to the next collection, which goes on where this one came to.
    reached = max(last_read.values(), default=EVERYTHING) if unsettled else tick(world.now)
    settled = {(thing, changed_at) for thing, changed_at in world.settled().items() if changed_at <= reached}
    assert settled <= last_read.items()


@settings(max_examples=100, deadline=None)
@given(first=TIMES, since=st.integers(0, 5))
def test_where_nothing_changes_each_is_read_once_and_no_page_often(first: list[int], since: int) -> None:
    world = World(first, [])
    found = [change.identity for change in read(world, tick(since))]
    assert sorted(found) == [thing for thing, at in enumerate(first) if at >= since]
    # The pages of one moment are read twice, with what is left of a page before and after them.
    assert len(world.asked) <= 2 * (len(found) // SIZE) + 4 * len(set(first)) + 1


def test_what_changed_just_now_is_not_settled() -> None:
    assert [is_settled(tick(number), tick(10)) for number in (0, 5, 6, 10, 11)] == [True, True, False, False, False]


def test_a_day_begins_in_utc() -> None:
    assert since_of("2025-01-01") == START
    assert since_of("2025-01-01T02:00:00+02:00") == START


@pytest.mark.parametrize("text", ["yesterday", "2024-01-01T00:00:00", "2024-13-01", ""])
def test_a_time_without_its_zone_is_none(text: str) -> None:
    with pytest.raises(UsageError, match="--since must"):
        since_of(text)
