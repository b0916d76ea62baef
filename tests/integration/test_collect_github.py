"""``atlas collect github`` on a real database, from a server that does what GitHub does, while things change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from collector_support import (
    batch_count,
    fixture_connection,  # noqa: F401
    fixture_settings,  # noqa: F401
    folded,
    landed,
    moment,
)
from github_server import GHOST, GitHub, at, commit, event, review, sha, user
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

if TYPE_CHECKING:
    import psycopg
    from service_server import Service

    from atlas.collectors.services import Collection

    Connection = psycopg.Connection[Any]


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
        "commit_logins": [f"{sha(70)} ann", f"{sha(71)} ann"],
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


def test_who_is_gone_is_nobody_and_not_the_ghost(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    """What deleted accounts did, GitHub shows as done by one account, of that name."""
    ghost = user("ghost", 10137)
    github.pull_request(1, 5, user=ghost, merged_at=at(5), merged_by=ghost, requested_reviewers=[user("ben"), ghost])
    github.commits[NUMBER, 1] = [commit(1, 1, "ghost"), commit(2, 2, "ben")]
    github.reviews[NUMBER, 1] = [review(1, 4, login="ghost")]
    github.issue(3, 7, user=ghost, assignees=[ghost, user("ghostwriter")])
    github.events[NUMBER, 3] = [event(1, 7, "assigned", actor=ghost, assignee=ghost)]
    github.deployment(1, 8, "success", creator=ghost)
    github.release(1, 9, author=ghost)
    collect()
    (pull,) = landed(connection, "github.pull_requests")
    assert (pull["author_login"], pull["merged_by_login"]) == (None, None)
    assert (pull["requested_reviewers"], pull["commit_logins"]) == (["ben"], [f"{sha(2)} ben"])
    assert landed(connection, "github.reviews")[0]["reviewer_login"] is None
    (issue,) = landed(connection, "github.issues")
    assert (issue["author_login"], issue["assignees"]) == (None, ["ghostwriter"])
    (assigned,) = landed(connection, "github.issue_events")
    assert (assigned["actor_login"], assigned["assignee_login"]) == (None, None)
    assert landed(connection, "github.deployments")[0]["creator_login"] is None
    assert landed(connection, "github.releases")[0]["author_login"] is None
    assert_as_on_github(connection, github)


def test_a_commit_of_nobody_that_github_knows_has_no_login(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    github.pull_request(1, 5)
    github.commits[NUMBER, 1] = [commit(1, 1) | {"author": None}, commit(2, 2, "ben"), commit(3, 3) | {"author": {}}]
    github.pull_request(2, 6)
    github.commits[NUMBER, 2] = []
    collect()
    first, second = landed(connection, "github.pull_requests")
    assert first["commit_logins"] == [f"{sha(2)} ben"]
    assert (first["commit_hashes"], second["commit_hashes"]) == ([sha(1), sha(2), sha(3)], [])
    assert "commit_logins" not in second
    assert second["first_authored_at"] is None


def test_a_pull_request_whose_branch_is_forced_has_its_new_commits(
    collect: Callable[..., Collection], connection: Connection, github: GitHub
) -> None:
    """The old ones stand in the records of before; reviews of commits that are gone stay."""
    github.pull_request(1, 10)
    github.commits[NUMBER, 1] = [commit(1, 2), commit(2, 3)]
    github.reviews[NUMBER, 1] = [review(2, 9)]
    collect()
    github.pull_request(1, 20, head={"ref": "topic-1", "sha": sha(22), "repo": {"full_name": "octo/hello"}})
    github.commits[NUMBER, 1] = [commit(22, 15)]
    collect()
    before, now = landed(connection, "github.pull_requests")
    assert before["commit_hashes"] == [sha(1), sha(2)]
    assert (now["commit_hashes"], now["head_hash"], now["first_authored_at"]) == ([sha(22)], sha(22), utc(15))
    assert set(folded(connection, "github.reviews")) == {"2"}
    assert_as_on_github(connection, github)


def test_clocks_that_are_wrong_lose_nothing(
    collect: Callable[..., Collection], connection: Connection, github: GitHub, service: Service
) -> None:
    """An author's is an hour ahead of GitHub's, and GitHub's is years behind this machine's, then ahead of it."""
    service.now = moment(at(10))
    github.pull_request(1, 5)
    github.commits[NUMBER, 1] = [commit(1, 65)]
    github.issue(2, 9)
    collect()
    assert_as_on_github(connection, github)
    (pull,) = landed(connection, "github.pull_requests")
    assert (pull["created_at"], pull["first_authored_at"]) == (utc(5), utc(65))
    service.now = moment("2090-01-01T00:00:00+00:00")
    github.issue(3, (service.now - moment(at(0))).total_seconds() / 60 - 1)
    collect()
    github.issue(4, (service.now - moment(at(0))).total_seconds() / 60 - 0.5)
    collect()
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
    for number in range(1, 71):
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
    fill(github, issues=40, pull_requests=40)
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
    for number in range(1, 61):
        github.issue(number, 5)
    lists = 0

    def change(_number: int) -> None:
        nonlocal lists
        if service.requests[-1].path.endswith("/issues"):
            lists += 1
            # The first list of all is without a time, the second is page 1 of that second, and then:
            if lists == 3:
                # All others move up by one; what was first on page 2 is on page 1 now.
                github.issue(60, 6)

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
