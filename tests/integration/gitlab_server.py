"""A GitLab for the tests: what the REST API (v4) gives for one project that tests make up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from service_server import NOT_FOUND, Reply, Request, Service, is_below

START = datetime(2025, 1, 1, tzinfo=UTC)
BASE = "/api/v4"


def at(minutes: float) -> str:
    """A time as GitLab writes it, in a zone that isn't UTC, minutes after the start of the tests' world."""
    zone = START.astimezone(UTC) + timedelta(minutes=minutes) + timedelta(hours=2)
    return zone.strftime("%Y-%m-%dT%H:%M:%S.") + f"{zone.microsecond // 1000:03d}+02:00"


def user(name: str) -> dict[str, Any]:
    return {"id": sum(map(ord, name)), "username": name, "name": name.title(), "state": "active"}


# Where somebody goes by the name of ghost, as on gitlab.com, who stands in for the deleted has a number behind it.
GHOST = user("ghost1") | {"name": "Ghost User"}


def sha(number: int) -> str:
    return f"{number:040x}"


@dataclass
class GitLab:
    """One project of a group, and what there is in it; any of it may be changed while it is being read.

    Attributes:
        hidden: paths that aren't shown to the token, with all that is below them, as if there were none.
        deleted: parts that were deleted since they were listed, with all that is below them.
    """

    number: int = 5
    path: str = "group/sub/app"
    former_paths: tuple[str, ...] = ()
    project: dict[str, Any] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)
    merge_requests: dict[int, dict[str, Any]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    deployments: dict[int, dict[str, Any]] = field(default_factory=dict)
    releases: list[dict[str, Any]] = field(default_factory=list)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    allowed: Callable[[str], bool] = lambda _path: True
    hidden: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def merge_request(self, number: int, minutes: float, **fields: Any) -> None:
        """Open a merge request, or change it, at a time."""
        fresh = {
            "id": 70_000 + number,
            "iid": number,
            "title": f"Merge request {number}",
            "state": "opened",
            "draft": False,
            "author": user("ann"),
            "created_at": at(minutes),
            "closed_at": None,
            "merged_at": None,
            "merge_user": None,
            "merge_commit_sha": None,
            "squash_commit_sha": None,
            "sha": sha(number),
            "target_branch": "main",
            "source_branch": f"topic-{number}",
            "labels": [],
            "reviewers": [],
        }
        self.merge_requests[number] = {
            **self.merge_requests.get(number, fresh),
            **fields,
            "updated_at": at(minutes),
        }
        authored = {"id": sha(number), "authored_date": at(minutes - 60), "committed_date": at(minutes - 50)}
        self.parts.setdefault(f"merge_requests/{number}/commits", [authored])

    def note(
        self,
        request: int,
        number: int,
        minutes: float,
        author: str | dict[str, Any],
        body: str,
        *,
        system: bool = False,
    ) -> None:
        notes = self.parts.setdefault(f"merge_requests/{request}/notes", [])
        by = user(author) if isinstance(author, str) else author
        notes.append({"id": number, "body": body, "author": by, "system": system, "created_at": at(minutes)})

    def issue(self, number: int, minutes: float, **fields: Any) -> None:
        """Open an issue, or change it, at a time."""
        fresh = {
            "id": 80_000 + number,
            "iid": number,
            "title": f"Issue {number}",
            "description": None,
            "issue_type": "issue",
            "state": "opened",
            "author": user("ann"),
            "assignees": [],
            "labels": [],
            "milestone": None,
            "created_at": at(minutes),
            "closed_at": None,
        }
        self.issues[number] = {**self.issues.get(number, fresh), **fields, "updated_at": at(minutes)}

    def deployment(self, number: int, minutes: float, status: str, commit: int | None = None, **fields: Any) -> None:
        fresh = {
            "id": number,
            "iid": number,
            "sha": sha(commit or number),
            "ref": "main",
            "user": user("ann"),
            "environment": {"id": 9, "name": "live", "tier": "production"},
            "deployable": {"id": 664, "status": status, "finished_at": at(minutes)},
            "created_at": at(minutes - 5),
        }
        self.deployments[number] = {
            **self.deployments.get(number, fresh),
            "status": status,
            **fields,
            "updated_at": at(minutes),
        }

    def serve(self, request: Request) -> Reply:
        path = request.path
        if (refusal := self._refusal(path)) is not None:
            return refusal
        for former in self.former_paths:
            if path == f"/projects/{quote(former, safe='')}":
                return Reply(None, 301, {"Location": f"{BASE}/projects/{self.number}"})
        if path in {f"/projects/{quote(self.path, safe='')}", f"/projects/{self.number}"}:
            return Reply(self._project())
        if path == "/groups/77":
            return Reply({"id": 77, "full_path": "group/sub", "name": "Sub", "parent_id": 7, "created_at": at(0)})
        if path == "/groups/77/members/all":
            return Reply(self.members)
        found = re.fullmatch(rf"/projects/{self.number}/(.+)", path)
        return self._below(request, found[1]) if found else NOT_FOUND

    def _refusal(self, path: str) -> Reply | None:
        if not self.allowed(path):
            return Reply({"message": "403 Forbidden"}, 403)
        if is_below(path, self.hidden):
            return Reply({"message": "404 Project Not Found"}, 404)
        is_deleted = is_below(path, (f"/projects/{self.number}/{part}" for part in self.deleted))
        return Reply({"message": "404 Not found"}, 404) if is_deleted else None

    def _below(self, request: Request, what: str) -> Reply:
        if what == "releases":
            return Reply(self.releases)
        lists = {"merge_requests": self.merge_requests, "issues": self.issues, "deployments": self.deployments}
        if what not in lists:
            return Reply(self.parts.get(what, []))
        assert (request.query["order_by"], request.query["sort"]) == ("updated_at", "asc")
        after = datetime.fromisoformat(request.query.get("updated_after", "1970-01-01T00:00:00Z"))
        items = [item for item in lists[what].values() if datetime.fromisoformat(item["updated_at"]) >= after]
        return Reply(sorted(items, key=lambda item: (datetime.fromisoformat(item["updated_at"]), -item["id"])))

    def _project(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "path_with_namespace": self.path,
            "web_url": f"https://gitlab.com/{self.path}",
            "default_branch": "main",
            "visibility": "private",
            "archived": False,
            "created_at": at(0),
            "namespace": {"id": 77, "kind": "group", "full_path": "group/sub"},
            **self.project,
        }


def gitlab_service(gitlab: GitLab) -> Service:
    """A service that serves it, not started yet."""
    reset = str(int(datetime(2026, 1, 1, 0, 1, tzinfo=UTC).timestamp()))
    return Service(
        gitlab.serve,
        base=BASE,
        quota_headers=lambda left: {
            "RateLimit-Limit": "2000",
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": reset,
        },
    )
