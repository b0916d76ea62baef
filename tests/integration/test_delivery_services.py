"""What services told, in one shape: collected from servers that the tests start, built by dbt, read from chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import client_for
from equal_builds_support import Warehouse, fixture_warehouse  # noqa: F401
from github_server import GitHub, at, commit, event, github_service, review, sha, user
from service_server import running

from atlas.collectors.github import collect_repository
from atlas.collectors.github_organisations import collect_organisation
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.sources import Source

NUMBER = 1296269
MODELS = ("path:models/explore/delivery", "path:models/chart/delivery")
GITS = ("git__commits+1", "git__refs+1", "branch_heads")


def moment(minutes: float) -> datetime:
    return datetime.fromisoformat(at(minutes))


def rows(connection: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.fixture
def collect(warehouse: Warehouse, project: Path) -> Callable[[GitHub], None]:
    """Collect a repository and its organisation."""
    sources: Mapping[str, Source] = load_sources(project)

    def run(github: GitHub) -> None:
        with running(github_service(github)) as service, client_for(service) as client:
            collect_repository(warehouse.connection, sources, client, "octo/hello")
            collect_organisation(warehouse.connection, sources, client, "octo")

    return run


def test_github_in_chart(warehouse: Warehouse, collect: Callable[[GitHub], None]) -> None:
    github = GitHub()
    github.repository()
    github.organisation("octo", core=["ann", "ben"], web=["ann"])
    fill(github)
    collect(github)
    change(github)
    collect(github)
    warehouse.build("--select", *MODELS, "--exclude", *GITS, command="build")
    connection = warehouse.connection
    check_pull_requests(connection)
    check_reviews(connection)
    check_issues(connection)
    check_deployments(connection)
    check_the_rest(connection)


def fill(github: GitHub) -> None:
    github.pull_request(1, 10)
    github.commits[NUMBER, 1] = [commit(11, 4), commit(12, 2)]
    github.reviews[NUMBER, 1] = [review(1, 8, "APPROVED"), review(2, 9, "COMMENTED", "cat")]
    github.pull_request(2, 11, user=user("renovate[bot]", 3, "Bot"))
    github.issue(
        3,
        20,
        labels=[{"name": "Incident"}],
        title="Down since abcdef1",
        body=f"Caused by {sha(0xABC)}, not by ABCDEF2.",
    )
    github.events[NUMBER, 3] = [event(1, 20, "labeled", label={"name": "Incident"}), event(2, 20, "subscribed")]
    github.issue(4, 21, user=None)
    for number, (commit_number, states) in enumerate(
        [
            (1, ("success",)),
            (2, ("in_progress", "failure")),
            (1, ("success", "inactive")),
            (4, ("error",)),
            (4, ("success",)),
        ],
        start=1,
    ):
        github.deployment(number, 100 * number, *states, sha=sha(commit_number))
    github.deployment(6, 600, "success", environment="staging", production_environment=False, sha=sha(6))
    github.deployment(7, 700, "in_progress")
    github.release(1, 30)
    github.release(2, 31, draft=True, published_at=None)
    github.release(3, 32, prerelease=True)


def change(github: GitHub) -> None:
    """What happens between two collections: a merge, a dismissal, a close, a rename, a move between teams."""
    github.pull_request(1, 50, state="closed", merged_at=at(49), closed_at=at(49), merged_by=user("ben"))
    github.reviews[NUMBER, 1][0]["state"] = "DISMISSED"
    github.issue(3, 60, state="closed", state_reason="completed", closed_at=at(60))
    github.events[NUMBER, 3].append(event(3, 60, "closed"))
    github.repositories[NUMBER] |= {"full_name": "octo/hi", "html_url": "https://github.com/octo/hi"}
    github.organisation("octo", core=["ann"], web=["ann", "ben"])


def check_pull_requests(connection: psycopg.Connection[Any]) -> None:
    assert rows(
        connection,
        "select pull_request_id, repository, state, is_by_bot, first_authored_at, merged_at, merged_by_login"
        " from chart.pull_requests order by number",
    ) == [
        ("github:github.com/1296269#1", "github.com/octo/hi", "merged", False, moment(2), moment(49), "ben"),
        ("github:github.com/1296269#2", "github.com/octo/hi", "open", True, moment(-49), None, None),
    ]


def check_reviews(connection: psycopg.Connection[Any]) -> None:
    """The dismissal has the review's own time, and still it stands."""
    assert rows(
        connection, "select reviewer_login, verdict, submitted_at from chart.reviews order by submitted_at"
    ) == [
        ("ben", "dismissed", moment(8)),
        ("cat", "commented", moment(9)),
    ]


def check_issues(connection: psycopg.Connection[Any]) -> None:
    assert rows(
        connection,
        "select issue_name, status, status_category, resolution, author_login, resolved_at from chart.issues"
        " order by issue_name",
    ) == [
        ("github.com/octo/hi#3", "closed", "done", "completed", "ann", moment(60)),
        ("github.com/octo/hi#4", "open", "open", None, None, None),
    ]
    assert rows(
        connection,
        "select issue_id, field, from_value, to_value, to_category, changed_at from chart.issue_changes order by 6",
    ) == [
        ("github:github.com/1296269#3", "label", None, "Incident", None, moment(20)),
        ("github:github.com/1296269#3", "status", "open", "closed", "done", moment(60)),
    ]
    assert rows(connection, "select issue_name, opened_at, resolved_at, mentioned_hashes from chart.incidents") == [
        ("github.com/octo/hi#3", moment(20), moment(60), sorted([sha(0xABC), "abcdef1"]))
    ]


def check_deployments(connection: psycopg.Connection[Any]) -> None:
    """What ended, how and when; what still runs isn't among them. A commit again after another one is a rollback."""
    assert rows(
        connection,
        "select deployment_id, environment, commit_hash, status, deployed_at from chart.deployments_from_github"
        " order by deployed_at",
    ) == [
        (f"github:github.com/1296269:{number}", environment, sha(commit_number), outcome, moment(minutes))
        for number, environment, commit_number, outcome, minutes in [
            (1, "production", 1, "success", 101),
            (2, "production", 2, "failure", 202),
            (3, "production", 1, "rollback", 301),
            (4, "production", 4, "failure", 401),
            (5, "production", 4, "success", 501),
            (6, "staging", 6, "success", 601),
        ]
    ]


def check_the_rest(connection: psycopg.Connection[Any]) -> None:
    assert rows(connection, "select tag, is_prerelease from chart.releases order by tag") == [
        ("v1", False),
        ("v3", True),
    ]
    assert rows(connection, "select repository, organisation from chart.hosted_repositories") == [
        ("github.com/octo/hi", "octo")
    ]
    assert rows(connection, "select team, login, valid_to is null from chart.team_members order by 1, 2") == [
        ("core", "ann", True),
        ("core", "ben", False),
        ("web", "ann", True),
        ("web", "ben", True),
    ]
