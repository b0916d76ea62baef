"""How GitHub is read: a repository by its number, lists to their end, and what has vanished meanwhile passed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from atlas.collectors.http_client import Refused
from atlas.collectors.presence import Whole, unless_deleted
from atlas.collectors.services import FORBIDDEN, host_of, understood
from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlas.collectors.http_client import HttpClient

SERVICE = "GitHub"
SYSTEM = "github"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
PAGE = 100


@dataclass(frozen=True)
class Repository:
    """A repository as GitHub knows it.

    Attributes:
        path: of its resources, by its number, so that a rename in the middle of a collection does no harm.
        id: host and GitHub's number, which stay when it is renamed or transferred.
        name: ``host/owner/name`` at present.
        value: as GitHub gives it.
        at: GitHub's clock.
    """

    path: str
    id: str
    name: str
    value: dict[str, Any]
    at: datetime

    @property
    def host(self) -> str:
        """Of its page."""
        return self.id.partition("/")[0]

    @property
    def whole(self) -> Whole:
        """What to ask for when a part isn't there."""
        return Whole(self.path, "repository", self.name)


def find_repository(client: HttpClient, name: str) -> Repository:
    """The repository of a name, be it a former one.

    Raises:
        UsageError: it isn't a name of a repository, or GitHub shows none of that name to this token.
        ServiceError: GitHub can't be reached, or refuses.
    """
    owner, slash, repository = name.partition("/")
    if not (owner and slash and repository) or "/" in repository:
        raise UsageError(f"A repository is named OWNER/REPO, not {name!r}.")
    try:
        answer = client.get(f"/repos/{quote(owner, safe='')}/{quote(repository, safe='')}")
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        raise UsageError(
            f"GitHub has no repository {name}, or doesn't show it to this token; it tells nobody which of the two "
            f"(status {refusal.status})."
        ) from refusal
    with understood(SERVICE):
        value = answer.value
        host = host_of(value["html_url"])
        name_now = f"{host}/{value['full_name']}"
        return Repository(f"/repositories/{value['id']}", f"{host}/{value['id']}", name_now, value, answer.at)


def items(client: HttpClient, repository: Repository, path: str) -> list[dict[str, Any]]:
    """All items of a list below the repository; none if what they belong to was deleted since it was seen.

    Raises:
        Vanished: the repository can't be seen either.
        Refused, ServiceError: as of the client's ``get``.
    """

    def read() -> list[dict[str, Any]]:
        pages = client.pages(f"{repository.path}{path}", {"per_page": PAGE})
        return [item for page in pages for item in page.value]

    return unless_deleted(client, repository.whole, read) or []


def count(client: HttpClient, path: str, query: Mapping[str, Any]) -> int | None:
    """How many items a list has, by the number of its last page if a page holds one; None if it can't be read."""
    try:
        answer = client.get(path, {**query, "per_page": 1})
    except Refused:
        return None
    return answer.last_page or len(answer.value)


def seconds(at: datetime) -> str:
    """A time as GitHub reads it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
