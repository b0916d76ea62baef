"""What the tests of ``atlas collect github`` share: a GitHub to collect from, and the comparison with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import client_for, doubled, folded, moment, quarantined
from github_server import GitHub, event, github_service, review
from service_server import Service, running

from atlas.collectors.github import collect_repository
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.collectors.services import Collection

    Connection = psycopg.Connection[Any]

NUMBER = 1296269
ID = f"github.com/{NUMBER}"


@pytest.fixture(name="github")
def fixture_github() -> GitHub:
    """One repository of an organisation, with nothing in it."""
    made = GitHub()
    made.repository()
    return made


@pytest.fixture(name="service")
def fixture_service(github: GitHub) -> Iterator[Service]:
    with running(github_service(github)) as found:
        yield found


@pytest.fixture(scope="module", name="sources")
def fixture_sources(project: Path) -> Mapping[str, Any]:
    return load_sources(project)


@pytest.fixture(name="collect")
def fixture_collect(connection: Connection, sources: Mapping[str, Any], service: Service) -> Callable[..., Collection]:
    """Collect a repository, with a client of its own."""

    def run(name: str = "octo/hello", **options: Any) -> Collection:
        with client_for(service) as client:
            collected = collect_repository(connection, sources, client, name, **options)
        assert collected.tally.quarantined.total() == 0, quarantined(connection)
        return collected

    return run


def assert_as_on_github(connection: Connection, github: GitHub, number: int = NUMBER) -> None:
    """What stands is what GitHub has now, in every list."""
    items = github.issues[number].values()
    for entity, found in (
        ("issues", {str(i["number"]): moment(i["updated_at"]) for i in items if "pull_request" not in i}),
        ("pull_requests", {str(i["number"]): moment(i["updated_at"]) for i in items if "pull_request" in i}),
        ("deployments", {str(d["id"]): moment(d["updated_at"]) for d in github.deployments.get(number, [])}),
    ):
        standing = folded(connection, f"github.{entity}")
        assert {key: moment(payload["event_at"]) for key, payload in standing.items()} == found, entity
    for entity, lists in (("reviews", github.reviews), ("issue_events", github.events)):
        expected = {
            str(item["id"]) for (repository, _), found in lists.items() if repository == number for item in found
        }
        assert set(folded(connection, f"github.{entity}")) == expected, entity
    statuses = {str(s["id"]) for d in github.deployments.get(number, []) for s in github.statuses[d["id"]]}
    assert set(folded(connection, "github.deployment_statuses")) == statuses
    assert set(folded(connection, "github.releases")) == {str(item["id"]) for item in github.releases.get(number, [])}
    for entity in ("issues", "pull_requests", "reviews", "issue_events", "deployments", "deployment_statuses"):
        assert doubled(connection, f"github.{entity}") == []


def fill(github: GitHub, issues: int = 35, pull_requests: int = 35) -> None:
    """More than a page of each, if not told otherwise."""
    for number in range(1, issues + 1):
        github.issue(number, number)
        github.events[NUMBER, number] = [event(number, number, "labeled", label={"name": "bug"})]
    for number in range(1001, 1001 + pull_requests):
        github.pull_request(number, number)
        github.reviews[NUMBER, number] = [review(number, number)]
    for number in range(1, 8):
        github.deployment(number, 2000 + 10 * number, "in_progress", "success")
    github.release(1, 3000)
