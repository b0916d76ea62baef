"""``atlas collect gitlab`` on a real database, from a server that does what GitLab does, while things change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
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
    quarantined,
)
from gitlab_server import GHOST, GitLab, at, gitlab_service, sha, user
from gitlab_support import ID, NAME, assert_as_on_gitlab, fill
from service_server import TOKEN, Service, running, status

from atlas.collectors.gitlab import collect_project
from atlas.errors import ServiceError, UsageError
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.collectors.services import Collection

    Connection = psycopg.Connection[Any]


@pytest.fixture
def gitlab() -> GitLab:
    return GitLab(members=[user("ben"), user("ann")])


@pytest.fixture
def service(gitlab: GitLab) -> Iterator[Service]:
    with running(gitlab_service(gitlab)) as found:
        yield found


@pytest.fixture(scope="module")
def sources(project: Path) -> Mapping[str, Any]:
    return load_sources(project)


@pytest.fixture
def collect(connection: Connection, sources: Mapping[str, Any], service: Service) -> Callable[..., Collection]:
    def run(name: str = NAME, **options: Any) -> Collection:
        with client_for(service, "GitLab") as client:
            collected = collect_project(connection, sources, client, name, **options)
        assert collected.tally.quarantined.total() == 0, quarantined(connection)
        return collected

    return run


def test_a_project_lands_as_gitlab_has_it(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab
) -> None:
    gitlab.merge_request(1, 30, state="merged", merged_at=at(29), merge_user=user("cat"), merge_commit_sha=sha(99))
    gitlab.parts["merge_requests/1/commits"] = [
        {"id": sha(12), "authored_date": at(3)},
        {"id": sha(11), "authored_date": at(5)},
    ]
    gitlab.note(1, 1, 10, "ben", "Why?")
    gitlab.note(1, 2, 11, "ann", "Because.")
    gitlab.note(1, 3, 12, "ben", "requested changes", system=True)
    gitlab.note(1, 4, 13, "ben", "approved this merge request", system=True)
    gitlab.note(1, 5, 14, "ann", "added 1 commit", system=True)
    gitlab.merge_request(2, 31, state="merged", merged_at=at(31), squash_commit_sha=sha(98))
    gitlab.merge_request(3, 32, state="merged", merged_at=at(32))
    gitlab.merge_request(4, 33, state="locked", author=None, reviewers=None)
    gitlab.issue(1, 40, issue_type="incident", state="closed", closed_at=at(40), labels=["p1"])
    gitlab.parts["issues/1/resource_state_events"] = [
        {"id": 7, "user": None, "created_at": at(40), "state": "closed", "source_commit": sha(3)},
        {"id": 8, "user": user("ann"), "created_at": at(41), "state": "opened"},
    ]
    gitlab.parts["issues/1/resource_label_events"] = [
        {"id": 7, "user": user("ann"), "created_at": at(39), "label": None, "action": "add"}
    ]
    gitlab.deployment(1, 50, "success", finished_at=at(49))
    gitlab.deployment(2, 51, "failed", deployable=None)
    collected = collect()
    merged = [
        (r["number"], r["state"], r["merge_commit_hash"], r["merged_by_login"], r["first_authored_at"])
        for r in landed(connection, "gitlab.merge_requests")
    ]
    assert merged == [
        (1, "merged", sha(99), "cat", "2025-01-01T00:03:00.000000+00:00"),
        (2, "merged", sha(98), None, "2024-12-31T23:31:00.000000+00:00"),
        (3, "merged", sha(3), None, "2024-12-31T23:32:00.000000+00:00"),
        (4, "open", None, None, "2024-12-31T23:33:00.000000+00:00"),
    ]
    assert landed(connection, "gitlab.merge_requests")[0]["commit_hashes"] == [sha(11), sha(12)]
    assert [(r["review_id"], r["state"]) for r in landed(connection, "gitlab.reviews")] == [
        ("1", "commented"),
        ("3", "changes_requested"),
        ("4", "approved"),
    ]
    assert [(e["event_id"], e["event"], e["commit_hash"]) for e in landed(connection, "gitlab.issue_events")] == [
        ("label/7", "labeled", None),
        ("state/7", "closed", sha(3)),
        ("state/8", "reopened", None),
    ]
    (issue,) = landed(connection, "gitlab.issues")
    assert (issue["type"], issue["state"], issue["labels"]) == ("incident", "closed", ["p1"])
    assert [
        (d["status"], d["environment_tier"], d["finished_at"]) for d in landed(connection, "gitlab.deployments")
    ] == [
        ("success", "production", "2025-01-01T00:49:00.000000+00:00"),
        ("failed", "production", None),
    ]
    (group,) = landed(connection, "gitlab.groups")
    assert (group["path"], group["members"], group["parent_group_id"]) == ("group/sub", ["ann", "ben"], "gitlab.com/7")
    assert collected.name == f"gitlab.com/{NAME}"


def test_pages_are_read_whole_and_then_only_what_changed(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab, service: Service
) -> None:
    fill(gitlab)
    assert collect().tally.duplicate.total() == 0
    assert_as_on_gitlab(connection, gitlab)
    batches = batch_count(connection)
    assert collect().tally.read == 0
    assert batch_count(connection) == batches
    gitlab.merge_request(3, 3000, state="closed", closed_at=at(3000))
    gitlab.issue(4, 3001)
    gitlab.deployment(7, 3002, "failed")
    gitlab.releases = [{"tag_name": "v2", "name": "Two"}]
    service.forget()
    assert +collect().tally.accepted == {
        "gitlab.merge_requests": 1,
        "gitlab.issues": 1,
        "gitlab.deployments": 1,
        "gitlab.releases": 2,
    }
    assert_as_on_gitlab(connection, gitlab)
    assert sum(path.endswith("/notes") for path in service.paths) == 1


def test_what_moves_between_pages_is_neither_lost_nor_doubled(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab, service: Service
) -> None:
    fill(gitlab, each=40)
    lists = 0

    def change(_number: int) -> None:
        nonlocal lists
        if service.requests[-1].path.endswith("/merge_requests"):
            lists += 1
            gitlab.merge_request(lists, 4000 + lists)

    service.before = change
    collect()
    assert lists >= 2
    assert_as_on_gitlab(connection, gitlab)


def test_wherever_it_breaks_off_it_goes_on(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab, service: Service
) -> None:
    fill(gitlab, each=20)
    breaks = 0
    while breaks < 30:
        service.forget()
        service.faults = dict.fromkeys(range(36, 40), server.closed_connection)
        try:
            collect()
            break
        except ServiceError:
            breaks += 1
    assert 2 <= breaks < 10
    assert_as_on_gitlab(connection, gitlab)


def test_a_renamed_project_stays_one(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab
) -> None:
    gitlab.issue(1, 1)
    collect()
    gitlab.former_paths, gitlab.path = (NAME,), "other/app"
    gitlab.issue(2, 2)
    assert collect(NAME).name == "gitlab.com/other/app"
    assert connection.execute("select scope from pipeline.checkpoints").fetchall() == [(ID,)]
    assert_as_on_gitlab(connection, gitlab)


def test_an_archived_project_is_told(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab
) -> None:
    gitlab.project = {"archived": True}
    gitlab.issue(1, 1)
    assert collect().tally.notes == [f"gitlab.com/{NAME} is archived: nothing in it changes any more."]
    assert [project["is_archived"] for project in landed(connection, "gitlab.projects")] == [True]
    assert_as_on_gitlab(connection, gitlab)


def test_an_empty_project_is_known_and_no_more(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab
) -> None:
    """Nothing was ever pushed: it has no default branch either."""
    gitlab.project = {"default_branch": None, "empty_repo": True}
    collected = collect()
    assert +collected.tally.accepted == {"gitlab.projects": 1, "gitlab.groups": 1}
    assert collected.tally.notes == []
    assert collect().tally.read == 0


def test_a_merge_request_outlives_its_fork_and_its_author(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab
) -> None:
    """Where a fork is deleted, its commits may be gone, and the head with them; a deleted user is a ghost, or null."""
    gitlab.merge_request(1, 5, source_project_id=None, sha=None, author=GHOST, merge_user=None)
    gitlab.parts["merge_requests/1/commits"] = []
    gitlab.note(1, 1, 4, GHOST, "approved this merge request", system=True)
    # Whether it was the author who said it, nobody knows.
    gitlab.note(1, 2, 4, GHOST, "Why?")
    gitlab.merge_request(2, 6, author=None, reviewers=[GHOST, user("ben")])
    gitlab.issue(3, 7, author=GHOST, assignees=[GHOST, user("ghost")])
    collect()
    first, second = landed(connection, "gitlab.merge_requests")
    assert (first["head_hash"], first["commit_hashes"], first["first_authored_at"]) == (None, [], None)
    assert (first["author_login"], second["author_login"], second["reviewers"]) == (None, None, ["ben"])
    reviews = [(found["reviewer_login"], found["state"]) for found in landed(connection, "gitlab.reviews")]
    assert sorted(reviews) == [(None, "approved"), (None, "commented")]
    # On gitlab.com, somebody goes by that name.
    (issue,) = landed(connection, "gitlab.issues")
    assert (issue["author_login"], issue["assignees"]) == (None, ["ghost"])
    assert_as_on_gitlab(connection, gitlab)


def test_a_token_that_expires_in_the_middle_keeps_what_has_landed(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab, service: Service
) -> None:
    fill(gitlab)
    service.faults = dict.fromkeys(range(70, 400), status(401, "Token is expired."))
    with pytest.raises(ServiceError, match="Set ATLAS_GITLAB_TOKEN anew"):
        collect()
    assert 0 < len(folded(connection, "gitlab.merge_requests")) < 35
    service.forget()
    collect()
    assert_as_on_gitlab(connection, gitlab)


def test_what_the_token_may_not_read_is_told_and_the_rest_lands(
    collect: Callable[..., Collection], connection: Connection, gitlab: GitLab
) -> None:
    fill(gitlab, each=2)
    gitlab.allowed = lambda path: not re_any(path, "deployments", "members", "releases")
    notes = collect().tally.notes
    assert [note.partition(" can't")[0] for note in notes] == [
        "The members of group/sub",
        "The deployments of gitlab.com/group/sub/app",
        "The releases of gitlab.com/group/sub/app",
    ]
    assert len(folded(connection, "gitlab.issues")) == 2


def re_any(path: str, *words: str) -> bool:
    return any(word in path for word in words)


@pytest.mark.parametrize("name", ["group", "group/none", ""])
def test_what_is_no_project_is_said_to_be_none(collect: Callable[..., Collection], name: str) -> None:
    with pytest.raises(UsageError, match=r"GitLab has no project|named GROUP/PROJECT"):
        collect(name)


def test_the_command(environment: dict[str, str], connection: Connection, gitlab: GitLab, service: Service) -> None:
    fill(gitlab, each=3)
    service.left = 2000
    variables = environment | {"ATLAS_GITLAB_URL": service.url, "ATLAS_GITLAB_TOKEN": TOKEN}
    assert "3 merge requests, 3 issues, 7 deployments; about" in dry_run(variables, "gitlab", NAME)
    assert batch_count(connection) == 0
    service.faults = {7: status(429, Retry_After="1")}
    done = atlas_collect(variables, "gitlab", NAME, "--json")
    assert done.returncode == 0
    assert "GitLab asks to wait" in done.stderr
    (found,) = json.loads(done.stdout)
    assert found["accepted"]["gitlab.merge_requests"] == 3
    assert found["rate_limit"]["limit"] == 2000
    assert_as_on_gitlab(connection, gitlab)
