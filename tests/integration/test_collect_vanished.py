"""What is not there any more, on each service: a part that was deleted, or all of it, since access was taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import (
    atlas_collect,
    fixture_connection,  # noqa: F401
    fixture_settings,  # noqa: F401
    folded,
)
from github_server import GitHub
from github_support import (
    NUMBER,
    assert_as_on_github,
    fill,
    fixture_collect,  # noqa: F401
    fixture_github,  # noqa: F401
    fixture_service,  # noqa: F401
    fixture_sources,  # noqa: F401
)
from service_server import TOKEN, Fault, status
from service_worlds import World, reached, when, world

from atlas.collectors.http_client import Refused
from atlas.collectors.presence import Vanished
from atlas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    from service_server import Service

    from atlas.collectors.services import Collection

    Connection = psycopg.Connection[Any]


@pytest.fixture(name="made", params=["github", "gitlab", "jira", "jira data center"])
def fixture_made(request: pytest.FixtureRequest, connection: Connection, sources: Mapping[str, Any]) -> Iterator[World]:
    with world(request.param, connection, sources) as made:
        yield made


def fail(made: World, ending: str, fault: Fault) -> None:
    """Let the first request whose path ends so go wrong."""
    service = made.service
    when(service, ending, lambda: service.faults.update({len(service.requests): fault}))


def assert_told(told: pytest.ExceptionInfo[Vanished], made: World) -> None:
    """One sentence says what and why, and another what to do."""
    text = str(told.value)
    assert text.startswith(
        f"{made.system} doesn't show the {made.name} any more (status 404): the token lost its access,"
    )
    assert TOKEN not in text
    assert told.value.exit_code == Refused("", 404).exit_code == 3


# Everything is gone -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "ending", "time", "until", "last"),
    [
        ("github", "/issues/13/events", 1, "changed_until", 12),
        ("github", "/pulls/1013", 1, "changed_until", 1012),
        ("github", "/pulls/1013/commits", 1, "changed_until", 1012),
        ("github", "/pulls/1013/reviews", 1, "changed_until", 1012),
        ("github", "/issues", 2, "changed_until", 25),
        ("github", "/deployments", 1, "changed_until", 1030),
        ("github", "/deployments/3/statuses", 1, "deployments_since", None),
        ("github", "/releases", 1, "changed_until", 1030),
        ("gitlab", "/members/all", 1, "merge_requests_until", None),
        ("gitlab", "/merge_requests/13/commits", 1, "merge_requests_until", 12),
        ("gitlab", "/merge_requests/13/notes", 1, "merge_requests_until", 12),
        ("gitlab", "/merge_requests", 2, "merge_requests_until", 25),
        ("gitlab", "/issues/13/resource_state_events", 1, "issues_until", 12),
        ("gitlab", "/issues/13/resource_label_events", 1, "issues_until", 12),
        ("gitlab", "/issues", 2, "issues_until", 25),
        ("gitlab", "/deployments", 1, "deployments_until", None),
        ("gitlab", "/releases", 1, "deployments_until", 2007),
        ("jira", "/issue/10013/changelog", 1, "issues_until", 12),
        ("jira", "/issue/10013/changelog", 2, "issues_until", 12),
        ("jira", "/search/jql", 2, "issues_until", 25),
        ("jira data center", "/issue/10013", 1, "issues_until", 12),
        ("jira data center", "/search", 2, "issues_until", 25),
    ],
)
def test_access_that_is_taken_away_in_the_middle_ends_it_where_it_was(
    connection: Connection, sources: Mapping[str, Any], kind: str, ending: str, time: int, until: str, last: int | None
) -> None:
    """The checkpoint stays before what couldn't be read; with access given back, everything is there."""
    with world(kind, connection, sources) as made:
        lost_at = []

        def lose() -> None:
            made.hide()
            lost_at.append(len(made.service.requests))

        when(made.service, ending, lose, time)
        with pytest.raises(Vanished) as told:
            made.collect()
        assert_told(told, made)
        assert reached(connection, until) == last
        # One question, as the next and the last request; of an issue in Jira's Cloud, another before it.
        assert made.questions == made.service.requests[-1:]
        assert len(made.service.requests) - lost_at[0] == (2 if ending.endswith("/changelog") else 1)
        made.show()
        made.collect()
        made.assert_as_there()


def test_at_whichever_request_access_is_lost_nothing_is(made: World) -> None:
    """Lost one request later each time, until a collection is through before that."""

    def lose(lost_at: int, number: int) -> None:
        if number == lost_at:
            made.hide()

    # With the first three, Jira says who asks and what of.
    for lost_at in range(4, 100):
        made.service.forget()
        made.service.before = partial(lose, lost_at)
        made.show()
        with suppress(Vanished):
            made.collect()
            break
    assert len(made.service.requests) < lost_at
    assert 10 < lost_at < 40
    made.assert_as_there()


def test_deployments_behind_those_that_landed_are_read_after_all(
    github: GitHub, service: Service, collect: Callable[..., Collection], connection: Connection
) -> None:
    """They are listed newest first: the next collection can't stop at those that the broken one has landed."""
    github.deployment(1, 1, "success")
    collect()
    for number in range(2, 62):
        github.deployment(number, 10 * number, "success")
    when(service, "/deployments", lambda: github.hidden.add(NUMBER), 2)
    with pytest.raises(Vanished):
        collect()
    assert 1 < len(folded(connection, "github.deployments")) < 61
    github.hidden.clear()
    collect()
    assert_as_on_github(connection, github)


def test_the_command_tells_and_goes_on_with_the_others(
    environment: dict[str, str], connection: Connection, github: GitHub, service: Service
) -> None:
    fill(github, issues=5, pull_requests=0)
    github.repository("octo/world", 5)
    github.issue(77, 7, repository=5)

    when(service, "/issues/3/events", lambda: github.hidden.add(NUMBER))
    variables = environment | {"ATLAS_GITHUB_URL": service.url, "ATLAS_GITHUB_TOKEN": TOKEN}
    done = atlas_collect(variables, "github", "octo/hello", "octo/world", "--json")
    assert done.returncode == 3
    assert "octo/hello: GitHub doesn't show the repository github.com/octo/hello any more (status 404)" in done.stderr
    assert [found["name"] for found in json.loads(done.stdout)] == ["github.com/octo/world"]
    assert set(folded(connection, "github.issues")) == {"1", "2", "77"}


# A part is gone -----------------------------------------------------------------------------------------------------


def test_what_was_deleted_is_passed_over(made: World, connection: Connection) -> None:
    made.delete(15)
    made.collect()
    assert reached(connection, made.until) == made.last
    # Once for each answer; a validator would ask whether it has changed, which is something else.
    assert len(made.questions) == made.parts
    assert not any("if-none-match" in question.headers for question in made.questions)
    made.service.forget()
    made.collect()
    assert made.questions == []
    # What came after it is there, and so is it, once it is there.
    with pytest.raises(AssertionError):
        made.assert_as_there()
    made.restore()
    made.change(15, 4000)
    made.collect()
    made.assert_as_there()


def test_what_was_there_when_asked_is_asked_for_again(made: World, connection: Connection) -> None:
    """After a part that was really deleted, the whole may go, too."""
    made.delete(11)
    when(made.service, made.part.format(13), made.hide)
    with pytest.raises(Vanished):
        made.collect()
    assert len(made.questions) > 1
    assert reached(connection, made.until) == 12


# Neither is said ----------------------------------------------------------------------------------------------------


def test_a_part_that_may_not_be_read_is_not_taken_for_deleted(made: World, connection: Connection) -> None:
    """What follows in its list waits, and a note says so; in Jira there is but one list."""
    fail(made, made.part.format(13), status(403))
    if made.system == "Jira":
        with pytest.raises(Refused, match=r"status 403"):
            made.collect()
    else:
        what = {"GitHub": "issues and pull requests", "GitLab": "merge requests"}[made.system]
        (note,) = made.collect().tally.notes
        assert note.startswith(f"The {what} of {made.name.split()[1]} can't be read with this token (status 403)")
    assert reached(connection, made.until) == 12
    made.collect()
    made.assert_as_there()


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (403, Vanished, r"any more \(status 403\)"),
        (451, Vanished, r"any more \(status 451\)"),
        (401, Refused, "doesn't take the token"),
        (502, ServiceError, "failed 3 times in a row"),
    ],
)
def test_a_question_without_an_answer_ends_it(
    made: World, connection: Connection, code: int, kind: type[ServiceError], words: str
) -> None:
    """A blocked repository answers 403 or 451, an expired token 401, a service that is down 502."""
    made.delete(13)
    service = made.service

    def before(number: int) -> None:
        if service.requests[-1].path == made.whole:
            service.faults[number] = status(code)

    service.before = before
    with pytest.raises(kind, match=words):
        made.collect()
    assert reached(connection, made.until) == 12
    service.before = lambda _number: None
    made.restore()
    made.collect()
    made.assert_as_there()


@pytest.mark.parametrize("made", ["jira"], indirect=True)
def test_an_issue_that_is_shown_without_its_history_is_not_deleted(made: World, connection: Connection) -> None:
    fail(made, "/issue/10013/changelog", status(404))
    with pytest.raises(ServiceError, match=r"shows an issue \(/rest/api/3/issue/10013\), but not what happened to it"):
        made.collect()
    assert reached(connection, made.until) == 12
    made.collect()
    made.assert_as_there()
