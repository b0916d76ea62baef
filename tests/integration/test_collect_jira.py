"""``atlas collect jira`` on a real database, from a server that does what Jira Cloud and Jira Data Center do."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

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
    quarantined,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from jira_server import Jira, at, jira_service, person
from jira_support import assert_as_in_jira, moved
from service_server import TOKEN, Service, running

from atlas.collectors.jira import collect_project, local_minute
from atlas.errors import ServiceError, UsageError
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.collectors.services import Collection

    Connection = psycopg.Connection[Any]


@pytest.fixture(params=[True, False], ids=["cloud", "data center"])
def jira(request: pytest.FixtureRequest) -> Jira:
    return Jira(is_cloud=request.param)


@pytest.fixture
def service(jira: Jira) -> Iterator[Service]:
    with running(jira_service(jira)) as found:
        yield found


@pytest.fixture(scope="module")
def sources(project: Path) -> Mapping[str, Any]:
    return load_sources(project)


@pytest.fixture
def collect(connection: Connection, sources: Mapping[str, Any], service: Service) -> Callable[..., Collection]:
    def run(name: str = "PROJ", **options: Any) -> Collection:
        with client_for(service, "Jira") as client:
            collected = collect_project(connection, sources, client, name, **options)
        assert collected.tally.quarantined.total() == 0, quarantined(connection)
        return collected

    return run


def test_an_issue_lands_with_its_history(
    collect: Callable[..., Collection], connection: Connection, jira: Jira
) -> None:
    document = {
        "type": "doc",
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "Since"}, {"type": "text", "text": "abcdef1"}]},
            {"type": "rule"},
            {
                "type": "paragraph",
                "content": [{"type": "mention", "attrs": {"id": "1"}}, {"type": "text", "text": "down"}],
            },
        ],
    }
    described = document if jira.is_cloud else "Since abcdef1 down"
    jira.issue(
        1,
        90,
        "13",
        issuetype={"name": "Incident"},
        description=described,
        assignee=person("ben") if jira.is_cloud else {"name": "ben", "displayName": "Ben"},
        reporter=None,
        creator=None,
        resolution={"name": "Done"},
        resolutiondate=at(90),
        labels=["b", "a"],
    )
    jira.history(1, 500, 20, moved(500, "10", "11"), {"field": "description", "fromString": "secret", "toString": "x"})
    jira.history(1, 501, 30, {"field": "assignee", "from": None, "fromString": None, "to": "id-ben", "toString": "Ben"})
    for number in range(502, 509):
        jira.history(
            1, number, number - 460, moved(number, "11", "12"), moved(number, "12", "11"), author=person("ann")
        )
    collected = collect()
    (issue,) = landed(connection, "jira.issues")
    expected = "id-ben" if jira.is_cloud else "ben"
    assert (issue["body"], issue["assignee"], issue["author"]) == ("Since abcdef1 down", expected, None)
    assert (issue["status"], issue["category"], issue["labels"]) == ("Erledigt", "done", ["a", "b"])
    assert (issue["event_at"], issue["resolved_at"]) == ("2025-01-01T01:30:00.000000+00:00",) * 2
    changes = landed(connection, "jira.issue_changes")
    assert [(c["change_id"], c["from_id"], c["to_id"], c["to_text"]) for c in changes][:3] == [
        ("500/0", "10", "11", "y"),
        ("501/0", None, "id-ben", None),
        ("502/0", "11", "12", "y"),
    ]
    assert len(changes) == 16
    assert "secret" not in str(changes)
    assert collected.name == "jira.example.org/PROJ"
    assert {s["name"]: s["category"] for s in landed(connection, "jira.statuses")} == {
        "Backlog": "open",
        "In Arbeit": "in_progress",
        "QA ✓": "in_progress",
        "Erledigt": "done",
    }


def test_pages_are_read_whole_and_then_only_what_changed(
    collect: Callable[..., Collection], connection: Connection, jira: Jira, service: Service
) -> None:
    for number in range(1, 36):
        jira.issue(number, number)
    # More than a page within one minute.
    for number in range(201, 241):
        jira.issue(number, 500 + number / 1000)
    assert collect().tally.duplicate.total() == 0
    assert_as_in_jira(connection, jira)
    batches = batch_count(connection)
    assert collect().tally.read == 0
    assert batch_count(connection) == batches
    jira.issue(7, 600, "13")
    jira.history(7, 1, 600, moved(1, "10", "13"))
    service.forget()
    assert +collect().tally.accepted == {"jira.issues": 1, "jira.issue_changes": 1}
    assert_as_in_jira(connection, jira)
    assert sum("/issue/" in path for path in service.paths) == 1


def test_what_moves_between_pages_is_neither_lost_nor_doubled(
    collect: Callable[..., Collection], connection: Connection, jira: Jira, service: Service
) -> None:
    for number in range(1, 61):
        jira.issue(number, number)
    searches = 0

    def change(_number: int) -> None:
        nonlocal searches
        if "/search" in service.requests[-1].path:
            searches += 1
            jira.issue(searches, 2000 + searches)

    service.before = change
    collect()
    assert searches >= 3
    assert_as_in_jira(connection, jira)


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_comes_twice_is_not_passed_over(
    collect: Callable[..., Collection], connection: Connection, jira: Jira, fold: int
) -> None:
    """Berlin's clocks go back on 2025-10-26 at 01:00 UTC: 02:00 to 03:00 comes twice."""
    jira.fold = fold
    back = (datetime.fromisoformat("2025-10-26T01:00:00+00:00") - moment(at(0))).total_seconds() / 60
    jira.issue(1, back - 30)
    collect()
    jira.issue(2, back - 29)
    jira.issue(3, back + 20)
    jira.issue(4, back + 70)
    collect()
    assert_as_in_jira(connection, jira)


def test_where_the_zone_is_unknown_a_day_is_read_again(
    collect: Callable[..., Collection], connection: Connection, jira: Jira
) -> None:
    jira.zone = None
    for number in range(1, 20):
        jira.issue(number, number * 100)
    collect()
    for number in range(20, 24):
        jira.issue(number, number * 100)
    collect()
    assert_as_in_jira(connection, jira)


def test_a_status_that_goes_keeps_its_meaning_and_a_project_its_history(
    collect: Callable[..., Collection], connection: Connection, jira: Jira
) -> None:
    jira.issue(1, 1, "12")
    collect()
    jira.statuses.remove("12")
    jira.former_keys, jira.key = ("PROJ",), "NEW"
    jira.issue(2, 2)
    assert collect("PROJ").name == "jira.example.org/NEW"
    assert folded(connection, "jira.statuses")["12"]["category"] == "in_progress"
    assert [project["project_key"] for project in landed(connection, "jira.projects")] == ["PROJ", "NEW"]
    assert connection.execute("select scope from pipeline.checkpoints").fetchall() == [("jira.example.org/900",)]
    assert_as_in_jira(connection, jira)


def test_wherever_it_breaks_off_it_goes_on(
    collect: Callable[..., Collection], connection: Connection, jira: Jira, service: Service
) -> None:
    for number in range(1, 41):
        jira.issue(number, number)
    breaks = 0
    while breaks < 30:
        service.forget()
        service.faults = dict.fromkeys(range(16, 20), server.half_a_page)
        try:
            collect()
            break
        except ServiceError:
            breaks += 1
    assert 2 <= breaks < 10
    assert_as_in_jira(connection, jira)


def test_an_empty_project_is_known_and_no_more(
    collect: Callable[..., Collection], connection: Connection, jira: Jira
) -> None:
    assert +collect().tally.accepted == {"jira.projects": 1, "jira.statuses": 4}
    assert collect().tally.read == 0
    jira.issue(1, 1)
    collect()
    assert_as_in_jira(connection, jira)


def test_a_token_that_expires_in_the_middle_keeps_what_has_landed(
    collect: Callable[..., Collection], connection: Connection, jira: Jira, service: Service
) -> None:
    for number in range(1, 61):
        jira.issue(number, number)
    service.faults = dict.fromkeys(range(40, 200), server.status(401, "Client must be authenticated"))
    with pytest.raises(ServiceError, match="Set ATLAS_JIRA_TOKEN anew"):
        collect()
    assert 0 < len(folded(connection, "jira.issues")) < 60
    service.forget()
    collect()
    assert_as_in_jira(connection, jira)


def test_a_change_that_is_dated_before_its_issue_lands_as_it_is(
    collect: Callable[..., Collection], connection: Connection, jira: Jira
) -> None:
    """Imports and wrong clocks date things so; what comes of it is not the collector's to say."""
    jira.issue(1, 30)
    jira.history(1, 500, 10, moved(500, "10", "11"))
    collect()
    (issue,), (change,) = landed(connection, "jira.issues"), landed(connection, "jira.issue_changes")
    assert moment(change["event_at"]) < moment(issue["created_at"])


@pytest.mark.parametrize("name", ["NONE", "A-1", "", 'X" OR "1"="1'])
def test_what_is_no_project_is_said_to_be_none(collect: Callable[..., Collection], name: str) -> None:
    with pytest.raises(UsageError, match=r"Jira has no project|named by its key"):
        collect(name)


@settings(max_examples=200, deadline=None)
@given(
    at=st.integers(1_420_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    fold=st.sampled_from([0, 1]),
)
def test_a_local_minute_is_never_later_than_meant(at: datetime, zone: str, fold: int) -> None:
    """However Jira takes a time that comes twice; and it is no more than three hours earlier."""
    text = local_minute(at, ZoneInfo(zone))
    read = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
    assert 0 <= (at - read).total_seconds() < 3 * 3600


def test_the_command(environment: dict[str, str], connection: Connection, jira: Jira, service: Service) -> None:
    jira.issue(1, 1)
    variables = environment | {"ATLAS_JIRA_URL": service.url, "ATLAS_JIRA_TOKEN": TOKEN}
    if jira.is_cloud:
        variables["ATLAS_JIRA_USER"] = "ann@example.org"
    dry = dry_run(variables, "jira", "PROJ")
    assert "jira  jira.example.org/PROJ: since 1970-01-01 00:00 UTC 1 issues; about" in dry
    done = atlas_collect(variables, "jira", "PROJ")
    assert (done.returncode, done.stderr) == (0, "")
    assert "jira.issues: 1" in done.stdout
    pair = base64.b64encode(f"ann@example.org:{TOKEN}".encode()).decode()
    assert service.requests[-1].headers["authorization"] == (f"Basic {pair}" if jira.is_cloud else f"Bearer {TOKEN}")
    assert_as_in_jira(connection, jira)
