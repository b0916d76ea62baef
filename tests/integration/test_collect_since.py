"""``--since`` on each service: what it leaves out at first, and that nothing after it is ever passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import (
    fixture_connection,  # noqa: F401
    fixture_settings,  # noqa: F401
    folded,
)
from github_server import START, GitHub
from github_support import (
    NUMBER,
    assert_as_on_github,
    fixture_collect,  # noqa: F401
    fixture_github,  # noqa: F401
    fixture_service,  # noqa: F401
    fixture_sources,  # noqa: F401
)
from service_server import status
from service_worlds import World, reached, when, world

from atlas.collectors.http_client import Refused
from atlas.collectors.presence import Vanished

if TYPE_CHECKING:
    import psycopg
    from service_server import Service

    from atlas.collectors.services import Collection

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


# GitHub's deployments, which can't be asked for by time ---------------------------------------------------------------


def deploy(github: GitHub, last: int = 70) -> None:
    """Numbers 1 to ``last``, at as many minutes, done a minute later; 25 of them make a page."""
    for number in range(1, last + 1):
        github.deployment(number, number, "success")


def deployed(connection: Connection) -> set[int]:
    return {int(key) for key in folded(connection, "github.deployments")}


def break_off(collect: Callable[..., Collection], github: GitHub, service: Service, **options: Any) -> None:
    """Before the second page of deployments."""
    when(service, "/deployments", lambda: github.hidden.add(NUMBER), 2)
    with pytest.raises(Vanished):
        collect(**options)
    github.hidden.clear()
    service.before = lambda _number: None


def test_deployments_of_before_are_neither_listed_nor_asked_for_their_statuses(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    deploy(github)
    collect(since=minute(60))
    assert deployed(connection) == set(range(59, 71))
    assert sum(path.endswith("/deployments") for path in service.paths) == 1
    assert sum(path.endswith("/statuses") for path in service.paths) == 12
    collect()
    assert deployed(connection) == set(range(59, 71))
    collect(since=minute(30))
    assert deployed(connection) == set(range(29, 71))
    collect(since=minute(0))
    assert_as_on_github(connection, github)


def test_deployments_that_a_broken_reading_left_out_are_read_whatever_since_says(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    deploy(github)
    break_off(collect, github, service)
    assert deployed(connection) == set(range(46, 71))
    collect(since=minute(65))
    assert_as_on_github(connection, github)


def test_a_reading_further_back_that_breaks_off_is_gone_on_with(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    deploy(github)
    collect(since=minute(60))
    break_off(collect, github, service, since=minute(10))
    assert deployed(connection) == set(range(46, 71))
    collect()
    assert deployed(connection) == set(range(9, 71))


def test_a_late_since_hides_no_deployment_that_takes_its_time(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    service.now = START + timedelta(days=20)
    deploy(github, last=30)
    github.deployment(1, 1, "in_progress", updated_at=github.deployments[NUMBER][-1]["updated_at"])
    collect()
    github.deployment(1, 1, "in_progress", "success", updated_at=github.deployments[NUMBER][-1]["updated_at"])
    collect(since=service.now - timedelta(days=1))
    assert_as_on_github(connection, github)
