"""``atlas collect jira``: issues, what happened to them and what their statuses mean, from Jira Cloud or Data Center.

Issues are asked for by JQL, by when they were updated. JQL tells minutes, in the time zone of whoever asks: the token's
own user, whose zone Jira says. A minute is read whole and again, and what has landed of it isn't landed twice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from atlas.collectors import jira_records as records
from atlas.collectors.http_client import Refused
from atlas.collectors.presence import GONE, Whole, ending_with, unless_deleted
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
    is_settled,
    known_moment,
    understood,
    unread_from,
)
from atlas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg import Connection

    from atlas.collectors.http_client import HttpClient
    from atlas.collectors.service_landing import Landing
    from atlas.sources import Source

SERVICE = "Jira"
SYSTEM = "jira"
PAGE = 100
UNTIL = "issues_until"
# No zone is further from UTC; where the user's isn't known, this much is read again.
WIDEST_OFFSET = timedelta(hours=14)
FIELDS = (
    *("project", "summary", "description", "issuetype", "status", "resolution", "priority", "reporter", "creator"),
    *("assignee", "labels", "created", "resolutiondate", "updated"),
)


@dataclass(frozen=True)
class Site:
    """A Jira.

    Attributes:
        name: its host and, if it doesn't begin at the root, its path.
        is_cloud: whether it is Atlassian's, which searches and tells changes otherwise than a Data Center.
        api: where its resources begin.
        zone: in which it reads times; None if that isn't known.
    """

    name: str
    is_cloud: bool
    api: str
    zone: ZoneInfo | None


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
        client: of Jira.
        name: the project's key; a former one will do.
        since: where to begin: the first time, what is older is left out; later, it is read again.
        progress: told now and then how many records have been read.

    Raises:
        UsageError: there is no such project, or the token can't see it.
        ServiceError: Jira can't be reached, or refuses; what has landed by then is kept.
        DataError: Jira gives what this collector doesn't understand.
    """
    started, asked = time.monotonic(), client.requests
    site = _site(client)
    project, at = _find(client, site, name)
    title = f"{site.name}/{project.project_key}"
    whole = Whole(f"{site.api}/project/{project.project_id}", "project", title)
    with (
        landing(connection, sources, SYSTEM, f"{site.name}/{project.project_id}", title, progress) as into,
        understood(SERVICE),
        ending_with(client, whole),
    ):
        cursor = into.cursor()
        cursor["project"] = title
        statuses = [records.status_record(site.name, item) for item in client.get(f"{site.api}/status").value]
        found = {
            "projects": into.differing("projects", site.name, [project], at, is_whole=False),
            # Not whole: a status that went stands in the past of issues, and so does what it meant.
            "statuses": into.differing("statuses", site.name, statuses, at, is_whole=False),
        }
        into.land(found, cursor)
        _land_issues(client, into, site, project, whole, cursor, since)
        into.land({}, cursor)
    duration = time.monotonic() - started
    return Collection(SYSTEM, title, into.tally, client.requests - asked, client.quota, duration)


def estimate_project(
    connection: Connection[Any], client: HttpClient, name: str, *, since: datetime | None = None
) -> Estimate:
    """What ``collect_project`` would read. Takes a few requests, and writes nothing.

    The requests are right but for a page or two, and one for each hundred changes of an issue after the first.

    Raises:
        UsageError, ServiceError: as ``collect_project`` does.
    """
    site = _site(client)
    project, _ = _find(client, site, name)
    with understood(SERVICE):
        cursor = load_cursor(connection, SYSTEM, f"{site.name}/{project.project_id}")
        begin = unread_from(cursor, UNTIL, since, timedelta(minutes=1))
        jql = _jql(site, project, begin)
        if site.is_cloud:
            count = client.post(f"{site.api}/search/approximate-count", {"jql": jql}).value["count"]
        else:
            count = client.get(f"{site.api}/search", {"jql": jql, "maxResults": 0}).value["total"]
    title = f"{site.name}/{project.project_key}"
    return Estimate(SYSTEM, title, begin, {"issues": count}, 4 + count + count // PAGE + 1, client.quota)


def _site(client: HttpClient) -> Site:
    with understood(SERVICE):
        info = client.get("/rest/api/2/serverInfo").value
        is_cloud = info.get("deploymentType") == "Cloud"
        api = "/rest/api/3" if is_cloud else "/rest/api/2"
        parts = urlsplit(info.get("baseUrl") or client.base_url)
        name = f"{parts.netloc.lower()}{parts.path.rstrip('/')}"
        try:
            zone = ZoneInfo(client.get(f"{api}/myself").value["timeZone"])
        except Refused as refusal:
            # Nobody in particular asks: a Jira that is open to all has a zone of its own and doesn't say which.
            if refusal.status not in FORBIDDEN:
                raise
            zone = None
        except (ZoneInfoNotFoundError, ValueError):
            zone = None
    return Site(name, is_cloud, api, zone)


def _find(client: HttpClient, site: Site, name: str) -> tuple[records.ProjectRecord, datetime]:
    if not name or not name.replace("_", "").isalnum():
        raise UsageError(f"A project is named by its key, such as PROJ, not {name!r}.")
    try:
        answer = client.get(f"{site.api}/project/{quote(name, safe='')}")
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        raise UsageError(
            f"Jira has no project {name}, or doesn't show it to this token (status {refusal.status})."
        ) from refusal
    with understood(SERVICE):
        return records.project_record(site.name, answer.value), answer.at


def _land_issues(
    client: HttpClient,
    into: Landing,
    site: Site,
    project: records.ProjectRecord,
    whole: Whole,
    cursor: dict[str, Any],
    since: datetime | None,
) -> None:
    token: str | None = None

    def page_of(changed_since: datetime, number: int) -> Page:
        nonlocal token
        if number == 1:
            token = None
        found, token, at = _search(client, site, _jql(site, project, changed_since), number, token)
        changes = [change for change in found if is_settled(change.changed_at, at)]
        is_cut = len(changes) < len(found)
        return Page(changes, has_more=token is not None and not is_cut, is_cut=is_cut)

    def read(change: Change) -> dict[str, list[Any]]:
        histories = _histories(client, site, whole, str(change.value["id"]))
        changed = [records.change_records(site.name, str(change.value["id"]), history) for history in histories]
        return {
            "issue_changes": [record for several in changed for record in several],
            "issues": [records.issue_record(site.name, change.value)],
        }

    for changes in changes_since(page_of, begin_of(cursor, UNTIL, since)):
        into.land_changes(changes, site.name, ("issues",), read, cursor, UNTIL)


def _search(
    client: HttpClient, site: Site, jql: str, number: int, token: str | None
) -> tuple[list[Change], str | None, datetime]:
    """A page of issues, what tells the next from the last, and Jira's clock."""
    if site.is_cloud:
        body = {"jql": jql, "fields": FIELDS, "maxResults": PAGE, **({"nextPageToken": token} if token else {})}
        answer = client.post(f"{site.api}/search/jql", body)
        following = answer.value.get("nextPageToken")
    else:
        start = int(token or 0)
        query = {"jql": jql, "fields": ",".join(FIELDS), "maxResults": PAGE, "startAt": start}
        answer = client.get(f"{site.api}/search", query)
        end = start + len(answer.value["issues"])
        following = str(end) if answer.value["issues"] and end < answer.value["total"] else None
    issues = answer.value["issues"]
    found = [Change(str(issue["id"]), known_moment(issue["fields"]["updated"]), issue) for issue in issues]
    return found, following, answer.at


def _histories(client: HttpClient, site: Site, whole: Whole, issue_id: str) -> list[dict[str, Any]]:
    """What happened to an issue; nothing if it was deleted since it was seen."""
    path = f"{site.api}/issue/{issue_id}"
    read = _changelog if site.is_cloud else _expanded
    return unless_deleted(client, whole, lambda: read(client, path)) or []


def _expanded(client: HttpClient, path: str) -> list[dict[str, Any]]:
    answer = client.get(path, {"expand": "changelog", "fields": "updated"})
    return list(answer.value["changelog"]["histories"])


def _changelog(client: HttpClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    try:
        while True:
            page = client.get(f"{path}/changelog", {"startAt": len(found), "maxResults": PAGE}).value
            found += page["values"]
            if page.get("isLast", True) or not page["values"]:
                return found
    except Refused as refusal:
        if refusal.status not in GONE:
            raise
        # Of an issue that is gone this is refused as well.
        client.get(path, {"fields": "updated"})
        raise ServiceError(
            f"Jira shows an issue ({path}), but not what happened to it (status {refusal.status}). What has landed is "
            "kept; collect again to go on from there."
        ) from refusal


def _jql(site: Site, project: records.ProjectRecord, since: datetime) -> str:
    """All issues of a project that were updated in the minute of ``since`` or later, oldest change first."""
    bound = "" if since <= EVERYTHING else f' AND updated >= "{local_minute(since, site.zone)}"'
    return f"project = {project.project_id}{bound} ORDER BY updated ASC, key ASC"


def local_minute(at: datetime, zone: ZoneInfo | None) -> str:
    """A minute as Jira reads it, none later than the one meant.

    When clocks are set back, an hour's minutes come twice, and Jira doesn't say which it takes: then an earlier hour is
    asked for, which comes once.
    """
    if zone is None:
        return (at - WIDEST_OFFSET).astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    while _comes_twice(at.astimezone(zone)):
        at -= timedelta(hours=1)
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
