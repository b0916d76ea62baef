"""Each service with something in it, for tests of what is the same for all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector_support import client_for, folded, moment
from github_server import START, GitHub, github_service
from github_support import NUMBER, assert_as_on_github
from github_support import fill as fill_github
from gitlab_server import GitLab, gitlab_service, user
from gitlab_support import NAME, assert_as_on_gitlab
from gitlab_support import fill as fill_gitlab
from jira_server import Jira, jira_service
from jira_support import assert_as_in_jira, moved
from service_server import TOKEN, Request, Service, running

from atlas.collectors import github, gitlab, jira

if TYPE_CHECKING:
    import psycopg

    from atlas.collectors.services import Collection

    Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class World:
    """A service with things numbered 1 to 30, on GitHub issues and, 1000 on, pull requests; each dated by its number.

    Attributes:
        system: ``GitHub``, ``GitLab`` or ``Jira``.
        service: to be started.
        argument: what the command calls the repository or project.
        whole: its path.
        name: as messages call it.
        until: the field of the checkpoint that says up to when things have landed.
        last: where it ends, in minutes after the start of the tests' world.
        part: end of the path of what belongs to a thing.
        parts: how many such paths are asked of the things of a number.
        collect: with a client of its own, and options.
        hide: take access to the whole away.
        show: give it back.
        delete: things of a number, after they were listed.
        restore: what was deleted, as if it had never been.
        change: things of a number, at a time in minutes, so that they are read again.
        assert_as_there: what stands is what there is.
    """

    system: str
    service: Service
    argument: str
    whole: str
    name: str
    until: str
    last: int
    part: str
    parts: int
    collect: Callable[..., Collection]
    hide: Callable[[], None]
    show: Callable[[], None]
    delete: Callable[[int], None]
    restore: Callable[[], None]
    change: Callable[[int, int], None]
    assert_as_there: Callable[[], None]

    @property
    def command(self) -> list[str]:
        """What a user types."""
        return [sys.executable, "-m", "atlas", "collect", self.system.lower(), self.argument]

    @property
    def variables(self) -> dict[str, str]:
        """What a user sets for it."""
        prefix = f"ATLAS_{self.system.upper()}"
        return {f"{prefix}_URL": self.service.url, f"{prefix}_TOKEN": TOKEN}

    @property
    def questions(self) -> list[Request]:
        """The requests for the whole."""
        return [request for request in self.service.requests if request.path == self.whole]


def when(service: Service, ending: str, do: Callable[[], None], time: int = 1) -> None:
    """Do something before a path that ends so is served for the so-manieth time."""
    seen = 0

    def before(_number: int) -> None:
        nonlocal seen
        if service.requests[-1].path.endswith(ending):
            seen += 1
            if seen == time:
                do()

    service.before = before


@contextmanager
def world(kind: str, connection: Connection, sources: Mapping[str, Any]) -> Iterator[World]:
    """The world of ``github``, ``gitlab``, ``jira`` (Cloud) or ``jira data center``, with its service running."""
    made = {"github": _github, "gitlab": _gitlab}.get(kind, _jira)(kind, connection, sources)
    with running(made.service):
        yield made


def _github(_kind: str, connection: Connection, sources: Mapping[str, Any]) -> World:
    there = GitHub()
    there.repository()
    fill_github(there, issues=30, pull_requests=30)
    service = github_service(there)

    def collect(**options: Any) -> Collection:
        with client_for(service) as client:
            return github.collect_repository(connection, sources, client, "octo/hello", **options)

    def change(number: int, minutes: int) -> None:
        there.issue(number, minutes)
        there.pull_request(1000 + number, minutes + 1)

    def assert_as_there() -> None:
        assert_as_on_github(connection, there)
        assert all(found["commit_hashes"] for found in folded(connection, "github.pull_requests").values())

    return World(
        system="GitHub",
        service=service,
        argument="octo/hello",
        whole=f"/repositories/{NUMBER}",
        name="repository github.com/octo/hello",
        until="changed_until",
        last=1030,
        part="/issues/{}/events",
        parts=2,
        collect=collect,
        hide=lambda: there.hidden.add(NUMBER),
        show=there.hidden.clear,
        delete=lambda number: there.deleted.update((f"/issues/{number}", f"/pulls/{1000 + number}")),
        restore=there.deleted.clear,
        change=change,
        assert_as_there=assert_as_there,
    )


def _gitlab(_kind: str, connection: Connection, sources: Mapping[str, Any]) -> World:
    there = GitLab(members=[user("ann")])
    fill_gitlab(there, each=30)
    service = gitlab_service(there)

    def collect(**options: Any) -> Collection:
        with client_for(service, "GitLab") as client:
            return gitlab.collect_project(connection, sources, client, NAME, **options)

    def change(number: int, minutes: int) -> None:
        there.merge_request(number, minutes)
        there.issue(number, minutes + 1)

    def assert_as_there() -> None:
        assert_as_on_gitlab(connection, there)
        assert all(found["commit_hashes"] for found in folded(connection, "gitlab.merge_requests").values())

    return World(
        system="GitLab",
        service=service,
        argument=NAME,
        whole="/projects/5",
        name=f"project gitlab.com/{NAME}",
        until="merge_requests_until",
        last=30,
        part="/merge_requests/{}/notes",
        parts=4,
        collect=collect,
        hide=lambda: there.hidden.update(("/projects", "/groups")),
        show=there.hidden.clear,
        delete=lambda number: there.deleted.update((f"issues/{number}", f"merge_requests/{number}")),
        restore=there.deleted.clear,
        change=change,
        assert_as_there=assert_as_there,
    )


def _jira(kind: str, connection: Connection, sources: Mapping[str, Any]) -> World:
    there = Jira(is_cloud=kind == "jira")
    for number in range(1, 31):
        there.issue(number, number, "12")
        # More than a page of Cloud's.
        for place in range(4):
            there.history(number, 10 * number + place, number, moved(number, "10", "11"))
    service = jira_service(there)

    def collect(**options: Any) -> Collection:
        with client_for(service, "Jira") as client:
            return jira.collect_project(connection, sources, client, "PROJ", **options)

    def change(number: int, minutes: int) -> None:
        there.issue(number, minutes, "12")

    return World(
        system="Jira",
        service=service,
        argument="PROJ",
        whole=f"{there.api}/project/900",
        name="project jira.example.org/PROJ",
        until="issues_until",
        last=30,
        part="/issue/100{}/changelog" if there.is_cloud else "/issue/100{}",
        parts=1,
        collect=collect,
        hide=lambda: there.hidden.add("900"),
        show=there.hidden.clear,
        delete=there.deleted.add,
        restore=there.deleted.clear,
        change=change,
        assert_as_there=lambda: assert_as_in_jira(connection, there),
    )


def reached(connection: Connection, until: str) -> float | None:
    """Up to when changes have landed, by the checkpoint: minutes after the start of the tests' world."""
    row = connection.execute("select cursor ->> %s from pipeline.checkpoints", [until]).fetchone()
    text = None if row is None else row[0]
    return None if text is None else (moment(text) - START) / timedelta(minutes=1)
