"""A Jira for the tests: Cloud's REST API 3 or Data Center's REST API 2, for one project that tests make up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service_server import NOT_FOUND, Reply, Request, Service

START = datetime(2025, 1, 1, tzinfo=UTC)
# A page holds no more, however much is asked for.
LARGEST_PAGE = 25
CATEGORIES = {"10": ("Backlog", "new"), "11": ("In Arbeit", "indeterminate"), "12": ("QA ✓", "indeterminate")}
STATUSES = CATEGORIES | {"13": ("Erledigt", "done")}


def at(minutes: float) -> str:
    """A time as Jira writes it, minutes after the start of the tests' world: an offset without a colon."""
    return (START + timedelta(minutes=minutes, hours=5)).strftime("%Y-%m-%dT%H:%M:%S.") + "000+0500"


def status(number: str) -> dict[str, Any]:
    name, category = STATUSES[number]
    return {"id": number, "name": name, "statusCategory": {"id": 2, "key": category}}


def person(name: str) -> dict[str, Any]:
    return {"accountId": f"id-{name}", "displayName": name.title(), "emailAddress": f"{name}@example.org"}


@dataclass
class Jira:
    """One project, and what there is in it; any of it may be changed while it is being read.

    Attributes:
        zone: of the user whose token it is: JQL's times are read in it.
        fold: which it takes of a local time that comes twice: the first or the second.
        hidden: numbers of projects that aren't shown to the token, nor an issue of theirs.
        deleted: numbers of issues that were deleted since they were found.
        bounds: since when it was asked, as JQL says it.
    """

    is_cloud: bool = True
    zone: str | None = "Europe/Berlin"
    key: str = "PROJ"
    former_keys: tuple[str, ...] = ()
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    histories: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    fold: int = 0
    statuses: list[str] = field(default_factory=lambda: list(STATUSES))
    hidden: set[str] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    bounds: list[str] = field(default_factory=list)

    @property
    def api(self) -> str:
        return "/rest/api/3" if self.is_cloud else "/rest/api/2"

    def issue(self, number: int, minutes: float, status_id: str = "10", **fields: Any) -> None:
        """Open an issue, or change it, at a time."""
        fresh: dict[str, Any] = {
            "project": {"id": "900", "key": self.key},
            "summary": f"Issue {number}",
            "description": None,
            "issuetype": {"name": "Task"},
            "resolution": None,
            "priority": None,
            "reporter": person("ann"),
            "creator": person("ann"),
            "assignee": None,
            "labels": [],
            "created": at(minutes),
            "resolutiondate": None,
        }
        before = self.issues.get(number, {}).get("fields", fresh)
        found = {**before, **fields, "status": status(status_id), "updated": at(minutes)}
        self.issues[number] = {"id": str(10_000 + number), "key": f"{self.key}-{number}", "fields": found}

    def history(self, number: int, identity: int, minutes: float, *items: dict[str, Any], author: Any = None) -> None:
        self.histories.setdefault(number, []).append(
            {"id": str(identity), "author": author, "created": at(minutes), "items": list(items)}
        )

    def serve(self, request: Request) -> Reply:
        path = request.path.removeprefix(self.api)
        if self.hidden and path.startswith("/search"):
            return Reply({"errorMessages": ["The value '900' does not exist for the field 'project'."]}, 400)
        issue = re.match(r"/issue/(\d+)", path)
        if issue and (self.hidden or int(issue[1]) - 10_000 in self.deleted):
            message = "Issue does not exist or you do not have permission to see it."
            return Reply({"errorMessages": [message], "errors": {}}, 404)
        for pattern, answer in ROUTES:
            if found := re.fullmatch(pattern, path):
                return answer(self, request, *found.groups())
        if request.path == "/rest/api/2/serverInfo":
            kind = "Cloud" if self.is_cloud else "Server"
            return Reply({"baseUrl": "https://jira.example.org", "deploymentType": kind, "version": "10.3.0"})
        return NOT_FOUND

    def _myself(self, _request: Request) -> Reply:
        return Reply({"errorMessages": ["Log in"]}, 403) if self.zone is None else Reply({"timeZone": self.zone})

    def _project(self, _request: Request, key: str) -> Reply:
        if self.hidden or key not in {"900", self.key, *self.former_keys}:
            return Reply({"errorMessages": [f"No project could be found with key '{key}'."], "errors": {}}, 404)
        return Reply({"id": "900", "key": self.key, "name": "The project", "projectTypeKey": "software"})

    def _statuses(self, _request: Request) -> Reply:
        # Not as a list: Jira doesn't page these.
        return Reply([status(number) for number in self.statuses])

    def _found(self, jql: str) -> list[dict[str, Any]]:
        asked = re.fullmatch(r'project = 900(?: AND updated >= "([0-9: -]+)")? ORDER BY updated ASC, key ASC', jql)
        assert asked, jql
        items = sorted(self.issues.values(), key=lambda item: (item["fields"]["updated"], item["key"]))
        if asked[1] is None:
            return items
        self.bounds.append(asked[1])
        local = datetime.strptime(asked[1], "%Y-%m-%d %H:%M").replace(
            tzinfo=ZoneInfo(self.zone or "Pacific/Kiritimati"), fold=self.fold
        )
        return [item for item in items if datetime.fromisoformat(item["fields"]["updated"]) >= local.astimezone(UTC)]

    def _search_cloud(self, request: Request) -> Reply:
        assert self.is_cloud
        start, size = int(request.body.get("nextPageToken") or 0), min(LARGEST_PAGE, request.body["maxResults"])
        found = self._found(request.body["jql"])
        kept = [item | {"fields": {n: item["fields"][n] for n in request.body["fields"]}} for item in found]
        more = {"nextPageToken": str(start + size), "isLast": False} if start + size < len(found) else {"isLast": True}
        return Reply({"issues": kept[start : start + size], **more})

    def _count(self, request: Request) -> Reply:
        return Reply({"count": len(self._found(request.body["jql"]))})

    def _search(self, request: Request) -> Reply:
        if self.is_cloud:
            return Reply({"errorMessages": ["The requested API has been removed."]}, 410)
        start, size = int(request.query.get("startAt", 0)), min(LARGEST_PAGE, int(request.query["maxResults"]))
        found = self._found(request.query["jql"])
        return Reply({"startAt": start, "total": len(found), "issues": found[start : start + size]})

    def _changelog(self, request: Request, number: str) -> Reply:
        start, size = int(request.query["startAt"]), min(3, int(request.query["maxResults"]))
        found = self.histories.get(int(number) - 10_000, [])
        return Reply({"values": found[start : start + size], "isLast": start + size >= len(found), "total": len(found)})

    def _issue(self, request: Request, number: str) -> Reply:
        if request.query.get("expand") != "changelog":
            return Reply({"id": number})
        return Reply({"id": number, "changelog": {"histories": self.histories.get(int(number) - 10_000, [])}})


ROUTES: list[tuple[str, Callable[..., Reply]]] = [
    (r"/myself", Jira._myself),
    (r"/project/(\w+)", Jira._project),
    (r"/status", Jira._statuses),
    (r"/search/jql", Jira._search_cloud),
    (r"/search/approximate-count", Jira._count),
    (r"/search", Jira._search),
    (r"/issue/(\d+)/changelog", Jira._changelog),
    (r"/issue/(\d+)", Jira._issue),
]


def jira_service(jira: Jira) -> Service:
    """A service that serves it, not started yet."""
    return Service(jira.serve, token=None)
