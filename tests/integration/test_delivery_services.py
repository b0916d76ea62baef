"""What services told, in one shape: collected from servers that the tests start, built by dbt, read from chart."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import client_for, landed
from equal_builds_support import Delivery, Warehouse, different, fixture_warehouse, hashes  # noqa: F401
from github_server import GitHub, at, commit, event, github_service, review, sha, user
from gitlab_server import GitLab, gitlab_service
from gitlab_server import at as gitlab_at
from gitlab_server import user as gitlab_user
from jira_server import Jira, jira_service
from jira_server import at as jira_at
from service_server import running

from atlas.collectors.github import collect_repository
from atlas.collectors.github_organisations import collect_organisation
from atlas.collectors.gitlab import collect_project
from atlas.collectors.jira import collect_project as collect_jira_project
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.sources import Source

NUMBER = 1296269
MODELS = ("path:seeds/delivery", "path:models/explore/delivery", "path:models/chart/delivery")
GITS = ("git__commits+",)


def moment(minutes: float) -> datetime:
    return datetime.fromisoformat(at(minutes))


def rows(connection: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.fixture
def collect(warehouse: Warehouse, project: Path) -> Callable[[GitHub, GitLab, Jira], None]:
    """Collect a repository and its organisation, a project, and another."""
    sources: Mapping[str, Source] = load_sources(project)

    def run(github: GitHub, gitlab: GitLab, jira: Jira) -> None:
        with running(github_service(github)) as service, client_for(service) as client:
            collect_repository(warehouse.connection, sources, client, "octo/hello")
            collect_organisation(warehouse.connection, sources, client, "octo")
        with running(gitlab_service(gitlab)) as service, client_for(service, "GitLab") as client:
            collect_project(warehouse.connection, sources, client, "group/sub/app")
        with running(jira_service(jira)) as service, client_for(service, "Jira") as client:
            collect_jira_project(warehouse.connection, sources, client, "PROJ")

    return run


def test_services_in_chart(warehouse: Warehouse, collect: Callable[[GitHub, GitLab, Jira], None]) -> None:
    """One build for all of it: each costs seconds."""
    github, gitlab, jira = GitHub(), GitLab(members=[gitlab_user("dan")]), Jira()
    github.repository()
    github.organisation("octo", core=["ann", "ben"], web=["ann"])
    fill(github)
    fill_gitlab(gitlab)
    jira.issue(1, 10, "11", issuetype={"name": "Incident"})
    collect(github, gitlab, jira)
    change(github)
    change_gitlab(gitlab)
    change_jira(jira)
    collect(github, gitlab, jira)
    warehouse.build("--select", *MODELS, "--exclude", *GITS, command="build")
    connection = warehouse.connection
    check_pull_requests(connection)
    check_reviews(connection)
    check_issues(connection)
    check_deployments(connection)
    check_the_rest(connection)
    check_gitlab(connection)
    check_jira(connection)
    check_any_order(warehouse)


def check_any_order(warehouse: Warehouse) -> None:
    """The same records in another order and in other batches make the same tables."""
    expected = hashes(warehouse)
    chance = random.Random(7)  # noqa: S311 - nothing secret
    deliveries = []
    for name in load_sources(warehouse.project):
        lines = [json.dumps(payload).encode() for payload in landed(warehouse.connection, name)]
        chance.shuffle(lines)
        deliveries += [Delivery(name, tuple(part)) for part in (lines[::2], lines[1::2]) if part]
    chance.shuffle(deliveries)
    warehouse.empty()
    warehouse.land(deliveries)
    warehouse.build("--select", *MODELS, "--exclude", *GITS)
    assert len(expected) > 50
    assert different(expected, hashes(warehouse)) == []


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
        " from chart.pull_requests where system = 'github' order by number",
    ) == [
        ("github:github.com/1296269#1", "github.com/octo/hi", "merged", False, moment(2), moment(49), "ben"),
        ("github:github.com/1296269#2", "github.com/octo/hi", "open", True, moment(-49), None, None),
    ]


def check_reviews(connection: psycopg.Connection[Any]) -> None:
    """The dismissal has the review's own time, and still it stands."""
    assert rows(
        connection, "select reviewer_login, verdict, submitted_at from chart.reviews where system = 'github' order by 3"
    ) == [
        ("ben", "dismissed", moment(8)),
        ("cat", "commented", moment(9)),
    ]


def check_issues(connection: psycopg.Connection[Any]) -> None:
    assert rows(
        connection,
        "select issue_name, status, status_category, resolution, author_login, resolved_at from chart.issues"
        " where system = 'github' order by issue_name",
    ) == [
        ("github.com/octo/hi#3", "closed", "done", "completed", "ann", moment(60)),
        ("github.com/octo/hi#4", "open", "open", None, None, None),
    ]
    assert rows(
        connection,
        "select issue_id, field, from_value, to_value, to_category, changed_at from chart.issue_changes"
        " where system = 'github' order by 6",
    ) == [
        ("github:github.com/1296269#3", "label", None, "Incident", None, moment(20)),
        ("github:github.com/1296269#3", "status", "open", "closed", "done", moment(60)),
    ]
    assert rows(
        connection,
        "select issue_name, opened_at, resolved_at, mentioned_hashes from chart.incidents where system = 'github'",
    ) == [("github.com/octo/hi#3", moment(20), moment(60), sorted([sha(0xABC), "abcdef1"]))]


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
    assert rows(connection, "select tag, is_prerelease from chart.releases where system = 'github' order by tag") == [
        ("v1", False),
        ("v3", True),
    ]
    assert rows(connection, "select repository, organisation from chart.hosted_repositories order by 1") == [
        ("github.com/octo/hi", "octo"),
        ("gitlab.com/group/sub/app", "group/sub"),
    ]
    assert rows(connection, "select team, login, valid_to is null from chart.team_members order by 1, 2") == [
        ("core", "ann", True),
        ("core", "ben", False),
        ("group/sub", "dan", False),
        ("group/sub", "eve", True),
        ("web", "ann", True),
        ("web", "ben", True),
    ]


def fill_gitlab(gitlab: GitLab) -> None:
    gitlab.merge_request(1, 10)
    gitlab.note(1, 1, 11, "ben", "approved this merge request", system=True)
    gitlab.issue(1, 20, issue_type="incident", description=f"{sha(0xABC)} broke it")
    gitlab.parts["issues/1/resource_state_events"] = [
        {"id": 7, "user": gitlab_user("ann"), "created_at": gitlab_at(30), "state": "closed"}
    ]
    for number, (commit_number, status) in enumerate(
        [(1, "success"), (2, "failed"), (1, "success"), (3, "running"), (4, "canceled")], start=1
    ):
        gitlab.deployment(number, 100 * number, status, commit_number)
    gitlab.releases = [{"tag_name": "v1", "name": "One", "released_at": gitlab_at(50)}]


def change_gitlab(gitlab: GitLab) -> None:
    gitlab.merge_request(1, 60, state="merged", merged_at=gitlab_at(60), merge_commit_sha=sha(77))
    gitlab.note(1, 2, 61, "ben", "unapproved this merge request", system=True)
    gitlab.members[:] = [gitlab_user("eve")]


def check_gitlab(connection: psycopg.Connection[Any]) -> None:
    """The same shapes, in UTC, from a service that tells other times and other words."""
    of_gitlab = "where system = 'gitlab' order by 1"
    assert rows(
        connection,
        "select pull_request_id, repository, state, first_authored_at, merged_at, merge_commit_hash, lines_added"
        f" from chart.pull_requests {of_gitlab}",
    ) == [("gitlab:gitlab.com/5#1", "gitlab.com/group/sub/app", "merged", moment(-50), moment(60), sha(77), None)]
    assert rows(connection, f"select review_id, verdict, submitted_at from chart.reviews {of_gitlab}") == [
        ("gitlab:gitlab.com/5:1", "approved", moment(11)),
        ("gitlab:gitlab.com/5:2", "dismissed", moment(61)),
    ]
    assert rows(connection, f"select issue_name, opened_at, mentioned_hashes from chart.incidents {of_gitlab}") == [
        ("gitlab.com/group/sub/app#1", moment(20), [sha(0xABC)])
    ]
    assert rows(connection, f"select issue_id, to_category, changed_at from chart.issue_changes {of_gitlab}") == [
        ("gitlab:gitlab.com/5#1", "done", moment(30))
    ]
    assert rows(
        connection,
        f"select deployment_id, environment, status, deployed_at from chart.deployments_from_gitlab {of_gitlab}",
    ) == [
        ("gitlab:gitlab.com/5:1", "production", "success", moment(100)),
        ("gitlab:gitlab.com/5:2", "production", "failure", moment(200)),
        ("gitlab:gitlab.com/5:3", "production", "rollback", moment(300)),
    ]
    assert rows(connection, f"select tag, published_at from chart.releases {of_gitlab}") == [("v1", moment(50))]


def change_jira(jira: Jira) -> None:
    """An issue goes through a workflow of its own, one status of which is taken away."""
    jira.issue(1, 40, "13", resolution={"name": "Done"}, resolutiondate=jira_at(40))
    steps = [("10", "12"), ("12", "13")]
    for identity, (before, after) in enumerate(steps, start=1):
        item = {"field": "status", "from": before, "fromString": "…", "to": after, "toString": f"Status {after}"}
        jira.history(1, identity, 20 * identity, item, {"field": "labels", "fromString": "", "toString": "a b"})
    jira.statuses.remove("12")


def check_jira(connection: psycopg.Connection[Any]) -> None:
    of_jira = "where system = 'jira' order by 1"
    assert rows(
        connection,
        f"select issue_id, issue_name, repository, status, status_category, resolved_at from chart.issues {of_jira}",
    ) == [("jira:jira.example.org/10001", "PROJ-1", None, "Erledigt", "done", moment(40))]
    assert rows(
        connection, f"select change_id, field, to_value, from_category, to_category from chart.issue_changes {of_jira}"
    ) == [
        ("jira:jira.example.org/1/0", "status", "Status 12", "open", "in_progress"),
        ("jira:jira.example.org/1/1", "label", "a b", None, None),
        ("jira:jira.example.org/2/0", "status", "Status 13", "in_progress", "done"),
        ("jira:jira.example.org/2/1", "label", "a b", None, None),
    ]
    assert rows(connection, f"select incident_id, opened_at, resolved_at from chart.incidents {of_jira}") == [
        ("issue:jira:jira.example.org/10001", moment(10), moment(40))
    ]
