"""What a dry run says that a collection would take, beside what it takes, on each service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import (
    client_for,
    fixture_connection,  # noqa: F401
    fixture_settings,  # noqa: F401
    moment,
)
from github_server import GitHub, at, github_service
from github_support import fill as fill_github
from github_support import fixture_sources  # noqa: F401
from gitlab_server import GitLab, gitlab_service, user
from gitlab_support import NAME
from gitlab_support import fill as fill_gitlab
from jira_server import Jira, jira_service
from service_server import Service, running

from atlas.collectors import github, github_organisations, gitlab, jira

if TYPE_CHECKING:
    import psycopg

    from atlas.collectors.http_client import HttpClient
    from atlas.collectors.services import Collection, Estimate

    Connection = psycopg.Connection[Any]

# An estimate may be as many requests too high or too low, or a quarter of what is read.
A_FEW = 2


@dataclass(frozen=True)
class Case:
    """A service with more than a page of things, if it has pages so small.

    Attributes:
        service: to be started.
        system: as clients call it.
        collect, estimate: what is compared.
        change: make something new and change something old, at 4000 minutes.
    """

    service: Service
    system: str
    collect: Callable[[HttpClient], Collection]
    estimate: Callable[[HttpClient], Estimate]
    change: Callable[[], None]

    def compare(self) -> tuple[int, int]:
        """How many requests are estimated, and then sent."""
        with client_for(self.service, self.system) as client:
            estimated = self.estimate(client).requests
            assert client.requests <= 6
        with client_for(self.service, self.system) as client:
            sent = self.collect(client).requests
        assert estimated is not None
        assert abs(estimated - sent) <= max(A_FEW, sent / 4), (estimated, sent)
        return estimated, sent


def _github(connection: Connection, sources: Mapping[str, Any]) -> Case:
    there = GitHub()
    there.repository()
    fill_github(there, issues=110, pull_requests=20)

    def change() -> None:
        there.issue(3, 4000)
        there.issue(500, 4001)
        there.pull_request(1003, 4002)
        there.deployment(8, 4003, "success")

    return Case(
        github_service(there, largest_page=100),
        "GitHub",
        lambda client: github.collect_repository(connection, sources, client, "octo/hello"),
        lambda client: github.estimate_repository(connection, client, "octo/hello"),
        change,
    )


def _gitlab(connection: Connection, sources: Mapping[str, Any]) -> Case:
    there = GitLab(members=[user("ann")])
    fill_gitlab(there, each=30)
    service = gitlab_service(there)
    service.largest_page = 100

    def change() -> None:
        there.issue(3, 4000)
        there.merge_request(50, 4001)
        there.deployment(8, 4002, "success")

    return Case(
        service,
        "GitLab",
        lambda client: gitlab.collect_project(connection, sources, client, NAME),
        lambda client: gitlab.estimate_project(connection, client, NAME),
        change,
    )


def _jira(connection: Connection, sources: Mapping[str, Any], *, is_cloud: bool = True) -> Case:
    there = Jira(is_cloud=is_cloud)
    for number in range(1, 31):
        there.issue(number, number)

    def change() -> None:
        there.issue(3, 4000)
        there.issue(50, 4001)

    return Case(
        jira_service(there),
        "Jira",
        lambda client: jira.collect_project(connection, sources, client, "PROJ"),
        lambda client: jira.estimate_project(connection, client, "PROJ"),
        change,
    )


@pytest.fixture(name="case", params=["github", "gitlab", "jira", "jira data center"])
def fixture_case(request: pytest.FixtureRequest, connection: Connection, sources: Mapping[str, Any]) -> Iterator[Case]:
    if request.param.startswith("jira"):
        case = _jira(connection, sources, is_cloud=request.param == "jira")
    else:
        case = {"github": _github, "gitlab": _gitlab}[request.param](connection, sources)
    with running(case.service):
        yield case


def test_what_is_estimated_is_what_it_takes(case: Case) -> None:
    """At first, when nothing has changed, and when a little has."""
    _, first = case.compare()
    _, nothing = case.compare()
    case.change()
    _, little = case.compare()
    assert nothing < little < first


def test_a_first_collection_with_since_asks_for_no_older_deployments(
    connection: Connection, sources: Mapping[str, Any]
) -> None:
    there = GitHub()
    there.repository()
    for number in range(1, 61):
        there.deployment(number, 10 * number, "success")
    with running(github_service(there)) as service, client_for(service) as client:
        since = moment(at(550))
        estimate = github.estimate_repository(connection, client, "octo/hello", since=since)
        assert estimate.changes["deployments"] == 5
        collected = github.collect_repository(connection, sources, client, "octo/hello", since=since)
        assert estimate.requests is not None
        assert abs(collected.requests - estimate.requests) <= A_FEW


def test_an_organisation_takes_a_request_for_each_team(connection: Connection, sources: Mapping[str, Any]) -> None:
    there = GitHub()
    there.organisation("octo", core=["ann"], web=["ben"], ops=[])
    with running(github_service(there)) as service, client_for(service) as client:
        estimate = github_organisations.estimate_organisation(client, "octo")
        assert estimate is not None
        assert (estimate.name, estimate.changes) == ("github.com/octo", {"teams": 3})
        collected = github_organisations.collect_organisation(connection, sources, client, "octo")
        assert collected is not None
        assert estimate.requests == collected.requests == 5
        assert github_organisations.estimate_organisation(client, "ann") is None
