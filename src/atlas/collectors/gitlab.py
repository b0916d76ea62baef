"""``atlas collect gitlab``: merge requests, reviews, issues, deployments, releases and groups of a project on GitLab.

Merge requests, issues and deployments can each be asked for what has changed since a time; each has a time of its own
in the checkpoint. Releases, groups and names are few: they are read whole and compared with what stands.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from atlas.collectors import gitlab_records as records
from atlas.collectors.http_client import Refused
from atlas.collectors.presence import Whole, ending_with, unless_deleted, unless_refused
from atlas.collectors.service_landing import landing, load_cursor
from atlas.collectors.services import (
    EVERYTHING,
    FORBIDDEN,
    Change,
    Collection,
    Estimate,
    Page,
    begin_of,
    changes_since,
    host_of,
    is_settled,
    known_moment,
    understood,
    unread_from,
)
from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg import Connection

    from atlas.collectors.http_client import HttpClient
    from atlas.collectors.service_landing import Landing
    from atlas.sources import Source

SERVICE = "GitLab"
SYSTEM = "gitlab"
PAGE = 100
# GitLab tells milliseconds and keeps microseconds.
PRECISION = timedelta(milliseconds=1)
# What changes, and how many requests each of it takes beside the list.
CHANGING = {"merge_requests": 2, "issues": 2, "deployments": 0}
OF_EVERYBODY = {"merge_requests": {"state": "all", "scope": "all"}, "issues": {"scope": "all"}}


@dataclass(frozen=True)
class _Project:
    """A project as GitLab knows it.

    Attributes:
        path: of its resources, by its number, so that a rename in the middle of a collection does no harm.
        id: host and GitLab's number, which stay when it is renamed or transferred.
        name: ``host/path`` at present.
        value: as GitLab gives it.
        at: GitLab's clock.
    """

    path: str
    id: str
    name: str
    value: dict[str, Any]
    at: datetime

    @property
    def whole(self) -> Whole:
        """What to ask for when a part isn't there."""
        return Whole(self.path, "project", self.name)


def collect_project(
    connection: Connection[Any],
    sources: Mapping[str, Source],
    client: HttpClient,
    name: str,
    *,
    since: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Collection:
    """Land what has changed in a project since it was last collected.

    Args:
        connection: in autocommit mode.
        sources: as declared.
        client: of GitLab.
        name: ``GROUP/PROJECT``, with any number of groups; a former path will do.
        since: where to begin: the first time, what is older is left out; later, it is read again.
        progress: told now and then how many records have been read.

    Raises:
        UsageError: there is no such project, or the token can't see it.
        ServiceError: GitLab can't be reached, or refuses; what has landed by then is kept.
        DataError: GitLab gives what this collector doesn't understand.
    """
    started, asked = time.monotonic(), client.requests
    project = _find(client, name)
    with (
        landing(connection, sources, SYSTEM, project.id, project.name, progress) as into,
        understood(SERVICE),
        ending_with(client, project.whole),
    ):
        cursor = into.cursor()
        _land_project(client, into, project, cursor)
        for entity in CHANGING:
            _land_changes(client, into, project, cursor, entity, since)
        _land_releases(client, into, project, cursor)
        into.land({}, cursor)
        if project.value.get("archived"):
            into.tally.notes.append(f"{project.name} is archived: nothing in it changes any more.")
    duration = time.monotonic() - started
    return Collection(SYSTEM, project.name, into.tally, client.requests - asked, client.quota, duration)


def estimate_project(
    connection: Connection[Any], client: HttpClient, name: str, *, since: datetime | None = None
) -> Estimate:
    """What ``collect_project`` would read. Takes four requests, and writes nothing.

    GitLab counts no list of more than 10,000; such a one is None. The requests are right but for a page or two, and one
    for each hundred commits, notes or events of one thing after the first.

    Raises:
        UsageError, ServiceError: as ``collect_project`` does.
    """
    project = _find(client, name)
    cursor = load_cursor(connection, SYSTEM, project.id)
    # Twice: what is asked for begins a little before.
    begins = {entity: unread_from(cursor, f"{entity}_until", since, 2 * PRECISION) for entity in CHANGING}
    changes: dict[str, int | None] = {}
    for entity, begin in begins.items():
        try:
            answer = client.get(f"{project.path}/{entity}", {**_query(entity, begin), "per_page": 1})
            changes[entity.replace("_", " ")] = answer.last_page or (None if answer.next else len(answer.value))
        except Refused:
            changes[entity.replace("_", " ")] = None
    counts = list(changes.values())
    requests = None
    if None not in counts:
        each = zip(CHANGING.values(), counts, strict=True)
        of_group = 2 if (project.value.get("namespace") or {}).get("kind") == "group" else 0
        requests = 2 + of_group + sum((count or 0) * cost + (count or 0) // PAGE + 1 for cost, count in each)
    return Estimate(SYSTEM, project.name, min(begins.values()), changes, requests, client.quota)


def _find(client: HttpClient, name: str) -> _Project:
    if "/" not in name.strip("/"):
        raise UsageError(f"A project is named GROUP/PROJECT, not {name!r}.")
    try:
        answer = client.get(f"/projects/{quote(name.strip('/'), safe='')}")
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        raise UsageError(
            f"GitLab has no project {name}, or doesn't show it to this token; it tells nobody which of the two "
            f"(status {refusal.status})."
        ) from refusal
    with understood(SERVICE):
        value = answer.value
        host = host_of(value["web_url"])
        name_now = f"{host}/{value['path_with_namespace']}"
        return _Project(f"/projects/{value['id']}", f"{host}/{value['id']}", name_now, value, answer.at)


def _land_project(client: HttpClient, into: Landing, project: _Project, cursor: dict[str, Any]) -> None:
    host = project.id.partition("/")[0]
    projects = [records.project_record(host, project.value)]
    found = {"projects": into.differing("projects", host, projects, project.at, is_whole=False)}
    namespace = project.value.get("namespace") or {}
    if namespace.get("kind") == "group":
        path = f"/groups/{namespace['id']}"
        what = f"The members of {namespace['full_path']}"
        members = _allowed(client, into, project, f"{path}/members/all", what)
        if members is not None:
            group = client.get(path, {"with_projects": "false"}).value
            groups = [records.group_record(host, group, members)]
            found["groups"] = into.differing("groups", host, groups, project.at, is_whole=False)
    # For whoever reads the checkpoints: scopes are numbers.
    cursor["repository"] = project.name
    into.land(found, cursor)


def _land_changes(
    client: HttpClient,
    into: Landing,
    project: _Project,
    cursor: dict[str, Any],
    entity: str,
    since: datetime | None,
) -> None:
    path, until = f"{project.path}/{entity}", f"{entity}_until"
    begin = begin_of(cursor, until, since)

    def page_of(changed_since: datetime, number: int) -> Page:
        answer = client.get(path, {**_query(entity, changed_since), "page": number if number > 1 else None})
        found = [Change(_identity(item), known_moment(item["updated_at"]), item) for item in answer.value]
        changes = [change for change in found if is_settled(change.changed_at, answer.at)]
        is_cut = len(changes) < len(found)
        return Page(changes, has_more=answer.next is not None and not is_cut, is_cut=is_cut)

    def read(change: Change) -> dict[str, list[Any]]:
        return READ[entity](client, project, change.value)

    def land() -> None:
        for changes in changes_since(page_of, begin):
            into.land_changes(changes, project.id, (entity,), read, cursor, until)

    what = f"The {entity.replace('_', ' ')} of {project.name}"
    unless_refused(client, project.whole, what, into.tally.notes, land)


def _query(entity: str, since: datetime) -> dict[str, Any]:
    after = (since - PRECISION).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    order = {"order_by": "updated_at", "sort": "asc", "per_page": PAGE}
    return {**OF_EVERYBODY.get(entity, {}), **order, "updated_after": after if since > EVERYTHING else None}


def _identity(item: Mapping[str, Any]) -> int:
    """What tells things of a project apart: a deployment's number in all of GitLab, the others' within the project."""
    return int(item["id"] if "sha" in item and "environment" in item else item["iid"])


def _read_merge_request(client: HttpClient, project: _Project, item: dict[str, Any]) -> dict[str, list[Any]]:
    path = f"/merge_requests/{item['iid']}"
    commits = _parts(client, project, f"{path}/commits")
    notes = _parts(client, project, f"{path}/notes")
    reviews = [records.review_record(project.id, item, note) for note in notes]
    return {
        "reviews": [review for review in reviews if review is not None],
        "merge_requests": [records.merge_request_record(project.id, item, commits)],
    }


def _read_issue(client: HttpClient, project: _Project, item: dict[str, Any]) -> dict[str, list[Any]]:
    path, number = f"/issues/{item['iid']}", item["iid"]
    states = _parts(client, project, f"{path}/resource_state_events")
    labels = _parts(client, project, f"{path}/resource_label_events")
    return {
        "issue_events": [
            *(records.state_event_record(project.id, number, event) for event in states),
            *(records.label_event_record(project.id, number, event) for event in labels),
        ],
        "issues": [records.issue_record(project.id, item)],
    }


def _read_deployment(_client: HttpClient, project: _Project, item: dict[str, Any]) -> dict[str, list[Any]]:
    return {"deployments": [records.deployment_record(project.id, item)]}


READ = {"merge_requests": _read_merge_request, "issues": _read_issue, "deployments": _read_deployment}


def _land_releases(client: HttpClient, into: Landing, project: _Project, cursor: dict[str, Any]) -> None:
    items = _allowed(client, into, project, f"{project.path}/releases", f"The releases of {project.name}")
    if items is not None:
        releases = [records.release_record(project.id, item) for item in items]
        found = into.differing("releases", project.id, releases, project.at, is_whole=True)
        into.land({"releases": found}, cursor)


def _items(client: HttpClient, path: str) -> list[Any]:
    return [item for page in client.pages(path, {"per_page": PAGE}) for item in page.value]


def _parts(client: HttpClient, project: _Project, path: str) -> list[Any]:
    """What belongs to something of the project; nothing if that was deleted since it was seen."""
    return unless_deleted(client, project.whole, lambda: _items(client, f"{project.path}{path}")) or []


def _allowed(client: HttpClient, into: Landing, project: _Project, path: str, what: str) -> list[Any] | None:
    """All items of a list; None, and a note, if this token may not read it."""
    return unless_refused(client, project.whole, what, into.tally.notes, lambda: _items(client, path))
