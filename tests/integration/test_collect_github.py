"""``atlas collect github`` on a real database, from a server that does what GitHub does, while things change."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
import service_server as server
from collector_support import (
    atlas_collect,
    batch_count,
    client_for,
    doubled,
    fixture_connection,  # noqa: F401
    fixture_database,  # noqa: F401
    fixture_settings,  # noqa: F401
    folded,
    landed,
    moment,
    quarantined,
)
from github_server import GHOST, GitHub, at, commit, event, github_service, review, sha, user
from service_server import TOKEN, Service, running, status

from atlas.collectors.github import collect_repository, estimate_repository
from atlas.collectors.github_organisations import collect_organisation
from atlas.database import connect
from atlas.errors import DataError, ServiceError, UsageError
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.collectors.services import Collection
    from atlas.settings import Settings

    Connection = psycopg.Connection[Any]

NUMBER = 1296269
ID = f"github.com/{NUMBER}"


@pytest.fixture
def github() -> GitHub:
    """One repository of an organisation, with nothing in it."""
    made = GitHub()
    made.repository()
    return made


@pytest.fixture
def service(github: GitHub) -> Iterator[Service]:
    with running(github_service(github)) as found:
        yield found


@pytest.fixture(scope="module")
def sources(project: Path) -> Mapping[str, Any]:
    return load_sources(project)


@pytest.fixture
def collect(connection: Connection, sources: Mapping[str, Any], service: Service) -> Callable[..., Collection]:
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


def fill(github: GitHub, issues: int = 130, pull_requests: int = 130) -> None:
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


# What lands ---------------------------------------------------------------------------------------------------------


def test_a_repository_lands_as_github_has_it(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    github.pull_request(
        7,
        30,
        title="Add a thing",
        state="closed",
        merged_at=at(25),
        closed_at=at(25),
        merged_by=user("cat"),
        merge_commit_sha=sha(77),
        labels=[{"name": "b"}, {"name": "a"}],
        requested_reviewers=[user("dan")],
        requested_teams=[{"slug": "core"}],
        commits=2,
    )
    github.commits[NUMBER, 7] = [commit(70, 5), commit(71, 3)]
    github.reviews[NUMBER, 7] = [
        review(900, 20),
        review(901, 21, "CHANGES_REQUESTED"),
        review(902, 0) | {"submitted_at": None},
    ]
    github.issue(8, 40, state="closed", state_reason="completed", closed_at=at(40), labels=[{"name": "incident"}])
    github.events[NUMBER, 8] = [
        event(1, 35, "labeled", label={"name": "incident"}),
        event(2, 40, "closed", commit_id=sha(5)),
    ]
    github.deployment(3, 50, "in_progress", "failure")
    github.release(1, 60)
    collected = collect()
    (pull,) = landed(connection, "github.pull_requests")
    assert pull == {
        "repository_id": ID,
        "number": 7,
        "operation": "upsert",
        "title": "Add a thing",
        "state": "merged",
        "is_draft": False,
        "author_login": "ann",
        "author_type": "User",
        "created_at": utc(30),
        "closed_at": utc(25),
        "merged_at": utc(25),
        "merged_by_login": "cat",
        "merge_commit_hash": sha(77),
        "base_branch": "main",
        "head_branch": "topic-7",
        "head_hash": sha(7),
        "head_repository": "octo/hello",
        "labels": ["a", "b"],
        "requested_reviewers": ["dan"],
        "requested_teams": ["core"],
        "lines_added": 10,
        "lines_deleted": 2,
        "files_changed": 1,
        "commits": 2,
        "commit_hashes": [sha(70), sha(71)],
        "first_authored_at": utc(3),
        "event_at": utc(30),
    }
    reviews = [
        (r["review_id"], r["pull_request"], r["reviewer_login"], r["state"])
        for r in landed(connection, "github.reviews")
    ]
    assert reviews == [("900", 7, "ben", "approved"), ("901", 7, "ben", "changes_requested")]
    (issue,) = landed(connection, "github.issues")
    assert (issue["number"], issue["state"], issue["labels"]) == (8, "closed", ["incident"])
    assert [(e["event"], e["label"], e["commit_hash"]) for e in landed(connection, "github.issue_events")] == [
        ("labeled", "incident", None),
        ("closed", None, sha(5)),
    ]
    (deployment,) = landed(connection, "github.deployments")
    assert (deployment["commit_hash"], deployment["environment"]) == (sha(3), "production")
    assert [status["state"] for status in landed(connection, "github.deployment_statuses")] == [
        "in_progress",
        "failure",
    ]
    (release,) = landed(connection, "github.releases")
    assert (release["tag"], release["published_at"]) == ("v1", utc(60))
    (repository,) = landed(connection, "github.repositories")
    assert (repository["repository"], repository["default_branch"]) == ("github.com/octo/hello", "main")
    assert collected.name == "github.com/octo/hello"
    assert collected.tally.notes == []
    assert connection.execute("select scope from pipeline.checkpoints").fetchall() == [(ID,)]
    assert TOKEN not in str(landed(connection, "github.repositories")) + str(collected)


def utc(minutes: float) -> str:
    return moment(at(minutes)).isoformat(timespec="microseconds")


def test_what_people_delete_or_leave_out_is_null(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    github.pull_request(1, 5, user=GHOST, head={"ref": "gone", "sha": sha(1), "repo": None}, merged_by=GHOST, body=None)
    github.reviews[NUMBER, 1] = [review(1, 4) | {"user": GHOST}]
    github.pull_request(2, 6, requested_reviewers=None, labels=None, requested_teams=None, title="a\x00b")
    github.issue(3, 7, user=GHOST, assignees=None, milestone=None)
    github.events[NUMBER, 3] = [event(1, 7, "closed", actor=GHOST)]
    github.deployment(1, 8, "success", creator=GHOST)
    collect()
    first, second = landed(connection, "github.pull_requests")
    assert (first["author_login"], first["head_repository"], first["merged_by_login"]) == (None, None, None)
    assert (second["requested_reviewers"], second["labels"], second["title"]) == ([], [], "a\ufffdb")
    assert landed(connection, "github.reviews")[0]["reviewer_login"] is None
    assert landed(connection, "github.issue_events")[0]["actor_login"] is None
    assert_as_on_github(connection, github)


def test_an_empty_repository_is_known_and_no_more(collect: Callable[..., Collection], connection: Connection) -> None:
    collected = collect()
    assert +collected.tally.accepted == {"github.repositories": 1}
    assert folded(connection, "github.repositories").keys() == {ID}


# Again and again ----------------------------------------------------------------------------------------------------


def test_pages_are_read_whole_and_a_second_time_costs_little(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    fill(github)
    first = collect()
    assert_as_on_github(connection, github)
    assert first.tally.duplicate.total() == 0
    batches = batch_count(connection)
    for _ in range(2):
        service.forget()
        again = collect()
        assert again.tally.read == 0
    assert batch_count(connection) == batches
    # The repository, what has changed, the deployments, the releases; GitHub counts none that hasn't changed.
    assert again.requests == 4
    assert [request.path.rpartition("/")[2] for request in service.requests if "if-none-match" in request.headers] == [
        "issues",
        "releases",
    ]


def test_only_what_changed_is_read_again(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    fill(github)
    collect()
    github.pull_request(1005, 5000, state="closed", merged_at=at(5000))
    github.reviews[NUMBER, 1005].append(review(7, 4999, "CHANGES_REQUESTED"))
    github.issue(3, 5001, state="closed", closed_at=at(5001))
    github.events[NUMBER, 3].append(event(9999, 5001, "closed"))
    github.deployment(9, 5002, "success")
    github.release(1, 3000, name="Renamed")
    github.release(2, 5003)
    service.forget()
    collected = collect()
    assert_as_on_github(connection, github)
    assert +collected.tally.accepted == {
        "github.pull_requests": 1,
        "github.reviews": 1,
        "github.issues": 1,
        "github.issue_events": 1,
        "github.deployments": 1,
        "github.deployment_statuses": 1,
        "github.releases": 2,
    }
    assert sum(path.endswith("/commits") for path in service.paths) == 1
    assert folded(connection, "github.releases")["1"]["name"] == "Renamed"


def test_a_release_that_is_deleted_is_gone(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    github.release(1, 10)
    github.release(2, 20)
    collect()
    del github.releases[NUMBER][0]
    collect()
    assert set(folded(connection, "github.releases")) == {"1"}
    github.release(2, 20)
    collect()
    assert_as_on_github(connection, github)
    assert len(landed(connection, "github.releases")) == 4


def test_a_deployment_that_takes_its_time_is_asked_until_it_is_done(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    service.now = moment(at(600))
    github.deployment(1, 10, "in_progress", updated_at=at(10))
    collect()
    # As if GitHub had not touched the deployment itself.
    github.deployment(1, 10, "in_progress", "success", updated_at=at(10))
    collect()
    assert_as_on_github(connection, github)
    service.forget()
    collect()
    assert not any(path.endswith("/statuses") for path in service.paths)


def test_old_deployments_are_not_listed_for_ever(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    for number in range(1, 251):
        github.deployment(number, number, "success")
    collect()
    assert_as_on_github(connection, github)
    service.forget()
    collect()
    assert sum(path.endswith("/deployments") for path in service.paths) == 1
    service.forget()
    collect(since=moment(at(20)))
    assert sum(path.endswith("/deployments") for path in service.paths) == 3


# While things change ------------------------------------------------------------------------------------------------


def test_what_moves_between_pages_is_neither_lost_nor_doubled(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    """A pull request of page 1 is changed: it goes to the end, and what was first on page 2 moves up to page 1."""
    fill(github, issues=150, pull_requests=150)
    lists = 0

    def change(_number: int) -> None:
        nonlocal lists
        if service.requests[-1].path.endswith("/issues"):
            lists += 1
            if lists in {2, 3}:
                github.issue(lists, 4000 + lists)
                github.pull_request(1000 + lists, 4000 + lists)

    service.before = change
    collect()
    assert lists >= 3
    assert_as_on_github(connection, github)


def test_more_than_a_page_of_one_second_is_read_to_the_end_while_it_changes(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    for number in range(1, 261):
        github.issue(number, 5)
    lists = 0

    def change(_number: int) -> None:
        nonlocal lists
        if service.requests[-1].path.endswith("/issues"):
            lists += 1
            # The first list of all is without a time, the second is page 1 of that second, and then:
            if lists == 3:
                # All others move up by one; what was first on page 2 is on page 1 now.
                github.issue(260, 6)

    service.before = change
    collect()
    assert_as_on_github(connection, github)


def test_what_is_still_changing_waits_for_the_next_collection(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    service.now = moment(at(10))
    github.issue(1, 9)
    github.issue(2, 10)
    collect()
    assert set(folded(connection, "github.issues")) == {"1"}
    # Within the same second, so that no time tells of it.
    github.issue(2, 10, title="Changed at once")
    service.now = moment(at(11))
    collect()
    assert_as_on_github(connection, github)
    assert folded(connection, "github.issues")["2"]["title"] == "Changed at once"


def test_a_pull_request_that_vanishes_meanwhile_is_passed_over(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    github.pull_request(1, 1)
    github.pull_request(2, 2)
    service.faults = {3: status(404)}
    collected = collect()
    assert "listed, but not there" in collected.tally.notes[0]
    assert set(folded(connection, "github.pull_requests")) == {"2"}


# When it breaks -----------------------------------------------------------------------------------------------------


def test_wherever_it_breaks_off_it_goes_on(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    """At every so-manieth request, for good; each time something more has landed, until all has, and nothing twice."""
    fill(github, issues=40, pull_requests=40)
    breaks = 0
    while breaks < 100:
        service.forget()
        service.faults = dict.fromkeys(range(61, 65), server.half_a_body)
        try:
            collect()
            break
        except ServiceError:
            breaks += 1
    assert 2 <= breaks < 20
    assert_as_on_github(connection, github)


def test_a_token_that_expires_in_the_middle_keeps_what_has_landed(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    fill(github, issues=60, pull_requests=0)
    service.faults = dict.fromkeys(range(40, 200), status(401, "Bad credentials"))
    with pytest.raises(ServiceError, match="Set ATLAS_GITHUB_TOKEN anew"):
        collect()
    assert 0 < len(folded(connection, "github.issues")) < 60
    service.forget()
    collect()
    assert_as_on_github(connection, github)


def test_a_kill_in_the_middle_leaves_what_has_landed_and_doubles_nothing(
    environment: dict[str, str], connection: Connection, github: GitHub, service: Service
) -> None:
    fill(github, issues=60, pull_requests=30)
    command = [sys.executable, "-m", "atlas", "collect", "github", "octo/hello"]
    process: subprocess.Popen[bytes]

    def kill(number: int) -> None:
        if number in {45, 100}:
            os.kill(process.pid, signal.SIGKILL)

    service.before = kill
    variables = environment | {"ATLAS_GITHUB_URL": service.url, "ATLAS_GITHUB_TOKEN": TOKEN}
    for _ in range(2):
        process = subprocess.Popen(command, env=variables)
        assert process.wait(timeout=60) == -signal.SIGKILL
    done = subprocess.run(command, env=variables, capture_output=True, check=True, text=True, timeout=60)
    assert "github  github.com/octo/hello: " in done.stdout
    assert TOKEN not in done.stdout + done.stderr
    assert_as_on_github(connection, github)


# What may not be read -----------------------------------------------------------------------------------------------


def test_a_renamed_repository_stays_one(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    github.issue(1, 1)
    collect()
    github.repositories[NUMBER] |= {"full_name": "other/hi", "name": "hi", "html_url": "https://github.com/other/hi"}
    github.names["other/hi"] = NUMBER
    github.issue(2, 2)
    collected = collect("octo/hello")
    assert collected.name == "github.com/other/hi"
    collect("other/hi")
    assert [r["repository"] for r in landed(connection, "github.repositories")] == [
        "github.com/octo/hello",
        "github.com/other/hi",
    ]
    assert_as_on_github(connection, github)
    assert connection.execute("select scope, cursor ->> 'repository' from pipeline.checkpoints").fetchall() == [
        (ID, "github.com/other/hi")
    ]


def test_an_archived_repository_is_told(collect: Callable[..., Collection], github: GitHub) -> None:
    github.repository(archived=True)
    github.issue(1, 1)
    assert collect().tally.notes == ["github.com/octo/hello is archived: nothing in it changes any more."]


@pytest.mark.parametrize("name", ["octo/none", "octo", "octo/a/b", "/hello", ""])
def test_what_is_no_repository_is_said_to_be_none(collect: Callable[..., Collection], name: str) -> None:
    with pytest.raises(UsageError, match=r"GitHub has no repository|named OWNER/REPO"):
        collect(name)


def test_what_the_token_may_not_read_is_told_and_the_rest_lands(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    fill(github, issues=2, pull_requests=2)
    github.allowed = lambda path: "deployments" not in path
    collected = collect()
    assert [note.partition(" can't")[0] for note in collected.tally.notes] == [
        "The deployments of github.com/octo/hello"
    ]
    assert len(folded(connection, "github.pull_requests")) == 2
    assert len(folded(connection, "github.releases")) == 1


def test_an_object_of_another_shape_is_a_failure_in_words(collect: Callable[..., Collection], github: GitHub) -> None:
    github.issue(1, 1)
    del github.issues[NUMBER][1]["state"]
    with pytest.raises(DataError, match=r"GitHub gave an object of another shape.*state"):
        collect()


def test_one_at_a_time(collect: Callable[..., Collection], settings: Settings) -> None:
    with connect(settings) as other:
        other.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"collect github:{ID}"])
        with pytest.raises(UsageError, match=r"Somebody else is collecting github\.com/octo/hello"):
            collect()
    collect()


# Where to begin -----------------------------------------------------------------------------------------------------


def test_since_says_where_to_begin_and_takes_nothing_back(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    for number in range(1, 11):
        github.issue(number, number * 100)
    collect(since=moment(at(550)))
    assert set(folded(connection, "github.issues")) == {"6", "7", "8", "9", "10"}
    github.issue(11, 1100)
    collect()
    assert set(folded(connection, "github.issues")) == {"6", "7", "8", "9", "10", "11"}
    collect(since=moment(at(250)))
    assert set(folded(connection, "github.issues")) == {str(number) for number in range(3, 12)}
    github.issue(12, 1200)
    collect()
    assert "12" in folded(connection, "github.issues")
    assert "1" not in folded(connection, "github.issues")


def test_since_the_future_is_where_the_next_goes_on(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    github.issue(1, 1)
    collect(since=moment(at(100)))
    collect()
    assert folded(connection, "github.issues") == {}


def test_a_dry_run_counts_and_writes_nothing(
    connection: Connection, sources: Mapping[str, Any], github: GitHub, service: Service
) -> None:
    fill(github)
    service.left = 5000
    with client_for(service) as client:
        estimate = estimate_repository(connection, client, "octo/hello")
    assert estimate.changes == {"issues and pull requests": 260, "deployments": 7, "releases": 1}
    assert estimate.quota is not None
    assert estimate.quota.remaining == 4996
    assert batch_count(connection) == 0
    assert connection.execute("select count(*) from pipeline.checkpoints").fetchone() == (0,)
    service.forget()
    with client_for(service) as client:
        collected = collect_repository(connection, sources, client, "octo/hello")
    assert estimate.requests is not None
    assert collected.requests <= estimate.requests <= 2 * collected.requests


# Organisations ------------------------------------------------------------------------------------------------------


def test_teams_are_followed_as_people_come_and_go(
    connection: Connection, sources: Mapping[str, Any], github: GitHub, service: Service
) -> None:
    def collect() -> Collection:
        with client_for(service) as client:
            collected = collect_organisation(connection, sources, client, "octo")
        assert collected is not None
        return collected

    github.organisation("octo", core=["ann", "ben"], web=["cat"])
    assert +collect().tally.accepted == {"github.organisations": 1, "github.teams": 2}
    assert collect().tally.read == 0
    github.organisation("octo", core=["ben"])
    collect()
    assert {team["slug"]: team["members"] for team in folded(connection, "github.teams").values()} == {"core": ["ben"]}
    github.organisation("octo", core=["ben"], web=["cat"])
    collect()
    assert [team.get("members") for team in landed(connection, "github.teams") if team["team_id"] == "101"] == [
        ["cat"],
        None,
        ["cat"],
    ]
    # What may not be read is no team without members, and no team that is gone.
    github.allowed = lambda path: "members" not in path
    notes = collect().tally.notes
    assert len(notes) == 2
    assert set(folded(connection, "github.teams")) == {"100", "101"}
    github.allowed = lambda path: "teams" not in path
    assert "needs read:org" in collect().tally.notes[0]


def test_a_person_has_no_teams(
    collect: Callable[..., Collection],
    connection: Connection,
    sources: Mapping[str, Any],
    github: GitHub,
    service: Service,
) -> None:
    github.repository("ann/own", 5, owner=user("ann"))
    collect("ann/own")
    with client_for(service) as client:
        assert collect_organisation(connection, sources, client, "ann") is None
    (owner,) = landed(connection, "github.organisations")
    assert (owner["login"], owner["kind"]) == ("ann", "User")


# The command --------------------------------------------------------------------------------------------------------


def test_the_command_goes_on_past_a_wrong_name_and_tells(
    environment: dict[str, str], connection: Connection, github: GitHub, service: Service
) -> None:
    fill(github, issues=3, pull_requests=1)
    github.organisation("octo", core=["ann"])
    service.left = 5000
    variables = environment | {"ATLAS_GITHUB_URL": service.url, "ATLAS_GITHUB_TOKEN": TOKEN}
    done = atlas_collect(variables, "github", "octo/none", "octo/hello", "--json")
    assert done.returncode == 2
    assert "octo/none: GitHub has no repository octo/none" in done.stderr
    repository, organisation = json.loads(done.stdout)
    assert repository["accepted"]["github.issues"] == 3
    assert repository["rate_limit"]["limit"] == 5000
    assert organisation["name"] == "github.com/octo"
    dry = atlas_collect(variables, "github", "octo/hello", "--dry-run", "--since", "2024-01-01")
    assert dry.returncode == 0
    assert "since 2024-01-01 00:00 UTC 4 issues and pull requests, 7 deployments, 1 releases" in dry.stdout
    assert "of 5,000 left until 00:30 UTC" in dry.stdout


def test_the_command_refuses_what_it_cant_read(environment: dict[str, str], service: Service) -> None:
    variables = environment | {"ATLAS_GITHUB_URL": service.url, "ATLAS_GITHUB_TOKEN": "wrong"}
    assert atlas_collect(variables, "github", "octo/hello", "--since", "yesterday").returncode == 2
    assert atlas_collect(variables, "github", "octo/hello", "--since", "2024-01-01T00:00:00").returncode == 2
    refused = atlas_collect(variables, "github", "octo/hello")
    assert refused.returncode == 3
    assert "Set ATLAS_GITHUB_TOKEN anew" in refused.stderr
