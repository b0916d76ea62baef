"""``--since`` on each service: what it leaves out at first, and that nothing after it is ever passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import (
    fixture_connection,  # noqa: F401
    fixture_settings,  # noqa: F401
)
from github_server import START
from github_support import fixture_sources  # noqa: F401
from service_server import status
from service_worlds import World, reached, when, world

from atlas.collectors.http_client import Refused

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]


@pytest.fixture(name="made", params=["github", "gitlab", "jira", "jira data center"])
def fixture_made(request: pytest.FixtureRequest, connection: Connection, sources: Mapping[str, Any]) -> Iterator[World]:
    with world(request.param, connection, sources) as made:
        yield made


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def read(made: World) -> set[int]:
    """The numbers of the things that have been read."""
    return {number for number in range(10, 31) if any(p.endswith(made.part.format(number)) for p in made.service.paths)}


def test_the_first_time_it_leaves_the_old_out_until_that_is_asked_for(made: World, connection: Connection) -> None:
    made.collect(since=minute(20))
    assert read(made) == set(range(20, 31))
    assert reached(connection, made.until) == made.last
    made.service.forget()
    made.collect()
    assert read(made) == set()
    made.collect(since=minute(15))
    assert read(made) == set(range(15, 20))
    made.collect(since=minute(0))
    made.assert_as_there()


def test_later_than_the_checkpoint_it_passes_nothing_over(made: World, connection: Connection) -> None:
    """As where ``--since "7 days ago"`` has failed for eight days."""
    made.collect()
    made.change(15, 4000)
    made.change(16, 6000)
    made.collect(since=minute(5000))
    assert reached(connection, made.until) in {6000, 6001}
    made.assert_as_there()


def test_where_the_first_breaks_off_a_later_one_goes_on_from_there(made: World, connection: Connection) -> None:
    """Even if nothing has landed yet."""
    ending, service = made.part.format(20), made.service
    when(service, ending, lambda: service.faults.update({len(service.requests): status(403)}))
    with suppress(Refused):
        made.collect(since=minute(20))
    assert reached(connection, made.until) == 20
    made.collect(since=minute(25))
    # From a little before.
    assert read(made) == set(range(18, 31))
    assert reached(connection, made.until) == made.last
