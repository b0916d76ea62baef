"""A GitHub for the tests: what the REST API (2022-11-28) gives for repositories that tests make up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from service_server import NOT_FOUND, Reply, Request, Service, is_below

GHOST = None
START = datetime(2025, 1, 1, tzinfo=UTC)


def at(minutes: float) -> str:
    """A time as GitHub writes it, minutes after the start of the tests' world."""
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str, number: int = 1, kind: str = "User") -> dict[str, Any]:
    return {"login": login, "id": number, "node_id": "MDQ6VXNlcjE=", "type": kind, "site_admin": False}


def sha(number: int) -> str:
    return f"{number:040x}"


@dataclass
class GitHub:
    """What there is on it. All of it may be changed while it is being read.

    Attributes:
        repositories: by number.
        names: ``owner/name`` in lower case, former names too, to the number.
        issues: of a repository by its number: issues and pull requests by theirs.
        allowed: whether the token may read a path.
        hidden: repositories that aren't shown to the token; in answers nothing tells them from those that don't exist.
        deleted: paths of parts that were deleted since they were listed, as GitHub deletes: with all that is below.
    """

    repositories: dict[int, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    issues: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)
    commits: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)
    reviews: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)
    events: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)
    deployments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    releases: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    organisations: dict[str, dict[str, Any]] = field(default_factory=dict)
    teams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    members: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    allowed: Callable[[str], bool] = lambda _path: True
    hidden: set[int] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    # Making things ----------------------------------------------------------------------------------------------

    def repository(self, name: str = "octo/hello", number: int = 1296269, **fields: Any) -> int:
        owner = name.partition("/")[0]
        self.repositories[number] = {
            "id": number,
            "name": name.partition("/")[2],
            "full_name": name,
            "html_url": f"https://github.com/{name}",
            "private": False,
            "visibility": "public",
            "fork": False,
            "archived": False,
            "default_branch": "main",
            "created_at": at(0),
            "updated_at": at(0),
            "owner": user(owner, 9000 + len(owner), "Organization"),
            **fields,
        }
        self.names[name.lower()] = number
        self.issues.setdefault(number, {})
        return number

    def issue(self, number: int, minutes: float, repository: int = 1296269, **fields: Any) -> dict[str, Any]:
        """Open an issue, or change it, at a time."""
        found = self.issues[repository].get(number) or {
            "id": 10_000 + number,
            "number": number,
            "title": f"Issue {number}",
            "body": None,
            "state": "open",
            "state_reason": None,
            "user": user("ann"),
            "assignees": [],
            "labels": [],
            "milestone": None,
            "created_at": at(minutes),
            "closed_at": None,
        }
        self.issues[repository][number] = {**found, **fields, "updated_at": at(minutes)}
        return self.issues[repository][number]

    def pull_request(self, number: int, minutes: float, repository: int = 1296269, **fields: Any) -> dict[str, Any]:
        """Open a pull request, or change it, at a time."""
        full_name = self.repositories[repository]["full_name"]
        fresh: dict[str, Any] = {
            "draft": False,
            "merged_at": None,
            "merged_by": None,
            "merge_commit_sha": sha(7_000_000 + number),
            "base": {"ref": "main", "sha": sha(1), "repo": {"full_name": full_name}},
            "head": {"ref": f"topic-{number}", "sha": sha(number), "repo": {"full_name": full_name}},
            "requested_reviewers": [],
            "requested_teams": [],
            "additions": 10,
            "deletions": 2,
            "changed_files": 1,
            "commits": 1,
            "pull_request": {"url": "…"},
            "title": f"Pull request {number}",
        }
        before = self.issues[repository].get(number)
        made = self.issue(number, minutes, repository, **{**({} if before else fresh), **fields})
        self.commits.setdefault((repository, number), [commit(number, minutes - 60)])
        return made

    def deployment(self, number: int, minutes: float, *states: str, repository: int = 1296269, **fields: Any) -> None:
        """Deploy at a time; each state comes a minute after the one before."""
        others = [item for item in self.deployments.get(repository, []) if item["id"] != number]
        made = {
            "id": number,
            "sha": sha(number),
            "ref": "main",
            "task": "deploy",
            "environment": "production",
            "production_environment": True,
            "transient_environment": False,
            "creator": user("ann"),
            "created_at": at(minutes),
            "updated_at": at(minutes + len(states)),
            **fields,
        }
        self.deployments[repository] = sorted([*others, made], key=lambda item: -int(item["id"]))
        self.statuses[number] = [
            {
                "id": number * 100 + place,
                "state": state,
                "environment": "production",
                "creator": user("ann"),
                "created_at": at(minutes + place),
                "updated_at": at(minutes + place),
            }
            for place, state in enumerate(states, start=1)
        ][::-1]

    def release(self, number: int, minutes: float, repository: int = 1296269, **fields: Any) -> None:
        others = [item for item in self.releases.get(repository, []) if item["id"] != number]
        made = {
            "id": number,
            "tag_name": f"v{number}",
            "name": f"Release {number}",
            "target_commitish": "main",
            "draft": False,
            "prerelease": False,
            "author": user("ann"),
            "created_at": at(minutes),
            "published_at": at(minutes),
            **fields,
        }
        self.releases[repository] = sorted([*others, made], key=lambda item: -int(item["id"]))

    # Serving them -----------------------------------------------------------------------------------------------

    def serve(self, request: Request) -> Reply:
        if not self.allowed(request.path):
            return Reply({"message": "Resource not accessible by personal access token"}, 403)
        below = re.match(r"/repositories/(\d+)(.*)", request.path)
        if below and (int(below[1]) in self.hidden or is_below(below[2], self.deleted)):
            return NOT_FOUND
        for pattern, answer in ROUTES:
            if found := re.fullmatch(pattern, request.path):
                return answer(self, request, *found.groups())
        return NOT_FOUND

    def _repository_by_name(self, request: Request, owner: str, name: str) -> Reply:
        number = self.names.get(f"{owner}/{name}".lower())
        if number is None or number not in self.repositories or number in self.hidden:
            return NOT_FOUND
        if self.repositories[number]["full_name"].lower() != f"{owner}/{name}".lower():
            return Reply({"message": "Moved Permanently"}, 301, {"Location": f"/repositories/{number}"})
        return Reply(self.repositories[number])

    def _repository(self, request: Request, number: str) -> Reply:
        return Reply(self.repositories[int(number)]) if int(number) in self.repositories else NOT_FOUND

    def _issues(self, request: Request, number: str) -> Reply:
        if int(number) not in self.repositories:
            return NOT_FOUND
        assert request.query["state"] == "all"
        since = request.query.get("since", at(-1_000_000))
        assert since >= "1970", "a time that nobody asks for"
        found = [item for item in self.issues[int(number)].values() if item["updated_at"] >= since]
        # GitHub breaks ties as it likes; here as badly as it can: last opened first.
        found.sort(key=lambda item: -item["number"])
        found.sort(key=lambda item: item["updated_at"], reverse=request.query.get("direction", "desc") == "desc")
        return Reply(found)

    def _pull_request(self, request: Request, number: str, pull: str) -> Reply:
        found = self.issues[int(number)].get(int(pull))
        return Reply(found) if found and "pull_request" in found else NOT_FOUND

    def _pull_requests(self, request: Request, number: str) -> Reply:
        assert request.query["state"] == "all"
        return Reply([item for item in self.issues[int(number)].values() if "pull_request" in item])

    def _of_issue(self, request: Request, number: str, what: str, issue: str, part: str) -> Reply:
        lists = {"commits": self.commits, "reviews": self.reviews, "events": self.events}
        return Reply(lists[part].get((int(number), int(issue)), []))

    def _deployments(self, request: Request, number: str) -> Reply:
        return Reply(self.deployments.get(int(number), []))

    def _statuses(self, request: Request, number: str, deployment: str) -> Reply:
        return Reply(self.statuses.get(int(deployment), []))

    def _releases(self, request: Request, number: str) -> Reply:
        return Reply(self.releases.get(int(number), []))

    def _organisation(self, request: Request, login: str) -> Reply:
        return Reply(self.organisations[login]) if login in self.organisations else NOT_FOUND

    def _teams(self, request: Request, login: str) -> Reply:
        return Reply(self.teams.get(login, []))

    def _members(self, request: Request, login: str, slug: str) -> Reply:
        return Reply(self.members.get((login, slug), []))

    def organisation(self, login: str, **teams: list[str]) -> None:
        """An organisation with teams and their members."""
        self.organisations[login] = {
            **user(login, 9000 + len(login), "Organization"),
            "name": login.title(),
            "html_url": f"https://github.com/{login}",
            "created_at": at(0),
        }
        self.teams[login] = [
            {"id": 100 + place, "slug": slug, "name": slug.title(), "parent": None} for place, slug in enumerate(teams)
        ]
        self.members |= {(login, slug): [user(name) for name in names] for slug, names in teams.items()}


def commit(number: int, minutes: float, login: str = "ann") -> dict[str, Any]:
    signature = {"name": login.title(), "email": f"{login}@example.org", "date": at(minutes)}
    return {"sha": sha(number), "commit": {"author": signature, "committer": signature}, "author": user(login)}


def review(number: int, minutes: float, state: str = "APPROVED", login: str = "ben") -> dict[str, Any]:
    return {
        "id": number,
        "user": user(login, 2),
        "state": state,
        "submitted_at": at(minutes),
        "commit_id": sha(number),
        "body": "",
    }


def event(number: int, minutes: float, kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "event": kind,
        "actor": user("ann"),
        "commit_id": None,
        "created_at": at(minutes),
        **fields,
    }


ROUTES: list[tuple[str, Callable[..., Reply]]] = [
    (r"/repos/([^/]+)/([^/]+)", GitHub._repository_by_name),
    (r"/repositories/(\d+)", GitHub._repository),
    (r"/repositories/(\d+)/issues", GitHub._issues),
    (r"/repositories/(\d+)/pulls", GitHub._pull_requests),
    (r"/repositories/(\d+)/pulls/(\d+)", GitHub._pull_request),
    (r"/repositories/(\d+)/(pulls|issues)/(\d+)/(commits|reviews|events)", GitHub._of_issue),
    (r"/repositories/(\d+)/deployments", GitHub._deployments),
    (r"/repositories/(\d+)/deployments/(\d+)/statuses", GitHub._statuses),
    (r"/repositories/(\d+)/releases", GitHub._releases),
    (r"/orgs/([^/]+)", GitHub._organisation),
    (r"/orgs/([^/]+)/teams", GitHub._teams),
    (r"/orgs/([^/]+)/teams/([^/]+)/members", GitHub._members),
]


def github_service(github: GitHub, **options: Any) -> Service:
    """A service that serves it, not started yet."""
    quota = {"X-RateLimit-Limit": "5000", "X-RateLimit-Resource": "core"}
    return Service(
        github.serve,
        quota_headers=lambda left: {
            **quota,
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(int(datetime(2026, 1, 1, 0, 30, tzinfo=UTC).timestamp())),
        },
        **options,
    )
