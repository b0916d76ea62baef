"""``atlas collect github``: what GitHub knows of a repository and git doesn't: reviews, issues, deployments, releases.

Issues and pull requests can be asked for what has changed since a time (``github_changes``), so that the checkpoint is
a time and every step moves it. Deployments are listed newest first and read until what follows is known
(``github_deliveries``). Releases, teams and names are few: they are read whole and compared with what stands.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from atlas.collectors import github_records as records
from atlas.collectors.github_changes import PRECISION, count_changes, land_changes
from atlas.collectors.github_deliveries import count_deployments, land_deployments, land_releases
from atlas.collectors.github_reading import PAGE, SERVICE, SYSTEM, count, find_repository
from atlas.collectors.presence import ending_with, unless_refused
from atlas.collectors.service_landing import landing, load_cursor
from atlas.collectors.services import Collection, Estimate, understood, unread_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from psycopg import Connection

    from atlas.collectors.github_reading import Repository
    from atlas.collectors.http_client import HttpClient
    from atlas.collectors.service_landing import Landing
    from atlas.sources import Source

# Itself, its commits, its reviews. An issue takes one, for its events.
REQUESTS_OF_A_PULL_REQUEST = 3


def collect_repository(
    connection: Connection[Any],
    sources: Mapping[str, Source],
    client: HttpClient,
    name: str,
    *,
    since: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Collection:
    """Land what has changed in a repository since it was last collected.

    Args:
        connection: in autocommit mode.
        sources: as declared.
        client: of GitHub.
        name: ``OWNER/REPO``; a former name will do.
        since: where to begin: the first time, what is older is left out; later, it is read again.
        progress: told now and then how many records have been read.

    Raises:
        UsageError: there is no such repository, or the token can't see it.
        ServiceError: GitHub can't be reached, or refuses; what has landed by then is kept.
        DataError: GitHub gives what this collector doesn't understand.
    """
    started, asked = time.monotonic(), client.requests
    repository = find_repository(client, name)
    with (
        landing(connection, sources, SYSTEM, repository.id, repository.name, progress) as into,
        understood(SERVICE),
        ending_with(client, repository.whole),
    ):
        cursor = into.cursor()
        _land_repository(into, repository, cursor)
        for what, land in (
            ("issues and pull requests", lambda: land_changes(client, into, repository, cursor, since)),
            ("deployments", lambda: land_deployments(client, into, repository, cursor, since)),
            ("releases", lambda: land_releases(client, into, repository, cursor)),
        ):
            unless_refused(client, repository.whole, f"The {what} of {repository.name}", into.tally.notes, land)
        into.land({}, cursor)
        if repository.value.get("archived"):
            into.tally.notes.append(f"{repository.name} is archived: nothing in it changes any more.")
    duration = time.monotonic() - started
    return Collection(SYSTEM, repository.name, into.tally, client.requests - asked, client.quota, duration)


def estimate_repository(
    connection: Connection[Any], client: HttpClient, name: str, *, since: datetime | None = None
) -> Estimate:
    """What ``collect_repository`` would read. Takes at most six requests, and writes nothing.

    The requests are right but for a page or two, and one for each hundred commits, reviews or events of one thing after
    the first. What is read anew with ``since`` is counted as if nothing of it had been read.

    Raises:
        UsageError, ServiceError: as ``collect_repository`` does.
        DataError: GitHub gives what this collector doesn't understand.
    """
    repository = find_repository(client, name)
    cursor = load_cursor(connection, SYSTEM, repository.id)
    begin = unread_from(cursor, "changed_until", since, PRECISION)
    with understood(SERVICE):
        changed, pull_requests = count_changes(client, repository, begin)
        deployments, listed = count_deployments(client, repository, cursor, since)
        releases = count(client, f"{repository.path}/releases", {})
    pages = listed + sum((number or 0) // PAGE + 1 for number in (changed, releases))
    each = (changed or 0) + pull_requests * (REQUESTS_OF_A_PULL_REQUEST - 1)
    return Estimate(
        system=SYSTEM,
        name=repository.name,
        since=begin,
        changes={"issues and pull requests": changed, "deployments": deployments, "releases": releases},
        requests=1 + pages + each + (deployments or 0),
        quota=client.quota,
    )


def _land_repository(into: Landing, repository: Repository, cursor: dict[str, Any]) -> None:
    host, at = repository.host, repository.at
    found = {
        "repositories": into.differing(
            "repositories", host, [records.repository_record(host, repository.value)], at, is_whole=False
        )
    }
    owner = repository.value.get("owner") or {}
    if owner.get("type") == "User":
        # An organisation tells more of itself (github_organisations); of a person this is enough.
        owners = [records.organisation_record(host, owner)]
        found["organisations"] = into.differing("organisations", host, owners, at, is_whole=False)
    # For whoever reads the checkpoints: scopes are numbers.
    cursor["repository"] = repository.name
    into.land(found, cursor)
