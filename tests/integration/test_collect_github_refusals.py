"""``atlas collect github`` where it breaks off, may not read, or is told where to begin; organisations; the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
import service_server as server
from collector_support import (
    atlas_collect,
    batch_count,
    client_for,
    dry_run,
    fixture_connection,  # noqa: F401
    fixture_settings,  # noqa: F401
    folded,
    landed,
    moment,
)
from github_server import GitHub, at, user
from github_support import (
    ID,
    NUMBER,
    assert_as_on_github,
    fill,
    fixture_collect,  # noqa: F401
    fixture_github,  # noqa: F401
    fixture_service,  # noqa: F401
    fixture_sources,  # noqa: F401
)
from service_server import TOKEN, status

from atlas.collectors.github import collect_repository, estimate_repository
from atlas.collectors.github_organisations import collect_organisation
from atlas.database import connect
from atlas.errors import DataError, ServiceError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg
    from service_server import Service

    from atlas.collectors.services import Collection
    from atlas.settings import Settings

    Connection = psycopg.Connection[Any]


# When it breaks -----------------------------------------------------------------------------------------------------


def test_wherever_it_breaks_off_it_goes_on(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    """At every so-manieth request, for good; each time something more has landed, until all has, and nothing twice."""
    fill(github, issues=20, pull_requests=20)
    breaks = 0
    while breaks < 100:
        service.forget()
        service.faults = dict.fromkeys(range(36, 40), server.half_a_body)
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
    fill(github, issues=30, pull_requests=0)
    service.faults = dict.fromkeys(range(20, 100), status(401, "Bad credentials"))
    with pytest.raises(ServiceError, match="Set ATLAS_GITHUB_TOKEN anew"):
        collect()
    assert 0 < len(folded(connection, "github.issues")) < 30
    service.forget()
    collect()
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


@pytest.mark.parametrize(
    ("part", "what", "entities"),
    [
        ("/issues", "issues and pull requests", {"issues", "issue_events", "pull_requests", "reviews"}),
        ("/pulls/", "issues and pull requests", {"pull_requests", "reviews"}),
        ("/deployments", "deployments", {"deployments", "deployment_statuses"}),
        ("/releases", "releases", {"releases"}),
    ],
)
@pytest.mark.parametrize("since", [None, moment(at(0))])
def test_what_the_token_may_not_read_is_told_and_the_rest_lands(
    collect: Callable[..., Collection],
    connection: Connection,
    github: GitHub,
    part: str,
    what: str,
    entities: set[str],
    since: datetime | None,
) -> None:
    """Once it may, all of that part comes."""
    fill(github, issues=2, pull_requests=2)
    github.allowed = lambda path: part not in path
    (note,) = collect(since=since).tally.notes
    assert note == (
        f"The {what} of github.com/octo/hello can't be read with this token (status 403); the rest was collected."
    )
    several = ("issues", "issue_events", "pull_requests", "reviews", "deployments", "deployment_statuses", "releases")
    assert {entity for entity in several if not folded(connection, f"github.{entity}")} == entities
    github.allowed = lambda _path: True
    # Later than all there is: what was asked for once isn't passed over.
    assert collect(since=None if since is None else moment(at(9000))).tally.notes == []
    assert_as_on_github(connection, github)


def test_a_part_that_may_not_be_read_keeps_no_other_repository(
    environment: dict[str, str], connection: Connection, github: GitHub, service: Service
) -> None:
    github.repository("octo/world", 5)
    github.issue(77, 7, repository=5)
    github.allowed = lambda path: path != f"/repositories/{NUMBER}/issues"
    variables = environment | {"ATLAS_GITHUB_URL": service.url, "ATLAS_GITHUB_TOKEN": TOKEN}
    done = atlas_collect(variables, "github", "octo/hello", "octo/world")
    assert (done.returncode, done.stderr) == (0, "")
    assert "The issues and pull requests of github.com/octo/hello can't be read" in done.stdout
    assert set(folded(connection, "github.issues")) == {"77"}


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
    fill(github, issues=10, pull_requests=10)
    service.left = 5000
    with client_for(service) as client:
        estimate = estimate_repository(connection, client, "octo/hello")
    assert estimate.changes == {"issues and pull requests": 20, "deployments": 7, "releases": 1}
    assert estimate.quota is not None
    assert estimate.quota.remaining == 4995
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
    dry = dry_run(variables, "github", "octo/hello", "--since", "2024-01-01")
    assert "since 2024-01-01 00:00 UTC 4 issues and pull requests, 0 deployments, 1 releases" in dry
    assert "github.com/octo: since 1970-01-01 00:00 UTC 1 teams; about 3 requests" in dry
    assert "of 5,000 left until 00:30 UTC" in dry


def test_the_command_reads_the_organisation_that_a_repository_was_transferred_to(
    environment: dict[str, str], connection: Connection, github: GitHub, service: Service
) -> None:
    github.repositories[NUMBER] |= {"full_name": "other/hello", "html_url": "https://github.com/other/hello"}
    github.names["other/hello"] = NUMBER
    github.organisation("octo", core=["ann"])
    github.organisation("other", web=["ben"])
    variables = environment | {"ATLAS_GITHUB_URL": service.url, "ATLAS_GITHUB_TOKEN": TOKEN}
    done = atlas_collect(variables, "github", "octo/hello", "Other/hello", "--json")
    assert [found["name"] for found in json.loads(done.stdout)] == [
        "github.com/other/hello",
        "github.com/other",
        "github.com/other/hello",
    ]
    assert [found["login"] for found in landed(connection, "github.organisations")] == ["other"]
    assert [found["slug"] for found in landed(connection, "github.teams")] == ["web"]


def test_the_command_refuses_what_it_cant_read(environment: dict[str, str], service: Service) -> None:
    variables = environment | {"ATLAS_GITHUB_URL": service.url, "ATLAS_GITHUB_TOKEN": "wrong"}
    refused = atlas_collect(variables, "github", "octo/hello")
    assert refused.returncode == 3
    assert "Set ATLAS_GITHUB_TOKEN anew" in refused.stderr
