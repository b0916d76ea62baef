"""Deployments, what became of them, and releases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from atlas.collectors import github_records as records
from atlas.collectors.github_reading import PAGE, items
from atlas.collectors.http_client import Refused
from atlas.collectors.presence import confirm
from atlas.collectors.service_landing import key_of
from atlas.collectors.services import EVERYTHING, FORBIDDEN, is_settled, known_moment

if TYPE_CHECKING:
    from datetime import datetime

    from atlas.collectors.github_reading import Repository
    from atlas.collectors.http_client import Answer, HttpClient
    from atlas.collectors.service_landing import Landing

# Older deployments are read again only if `since` asks for them.
STATUSES_COME_WITHIN = timedelta(days=30)
FINISHED = frozenset({"success", "failure", "error", "inactive"})


def land_deployments(
    client: HttpClient, into: Landing, repository: Repository, cursor: dict[str, Any], since: datetime | None
) -> None:
    """Land deployments and their statuses, newest first, until what follows was read before.

    The first reading goes to the end. What is deployed meanwhile moves the rest to later pages, so that nothing is
    passed over.
    """
    was_read = bool(cursor.get("deployments_read"))
    try:
        for answer in client.pages(f"{repository.path}/deployments", {"per_page": PAGE}):
            oldest = min((known_moment(item["created_at"]) for item in answer.value), default=EVERYTHING)
            found = _read_deployments(client, into, repository, cursor, answer)
            is_new = bool(found["deployments"] or found["deployment_statuses"])
            far_enough = since if since is not None else answer.at - STATUSES_COME_WITHIN
            is_last = answer.next is None or ((was_read or since is not None) and not is_new and oldest < far_enough)
            # Where it ends before that, what it hasn't come to yet lies behind what the next collection knows.
            cursor["deployments_read"] = is_last
            if is_new or is_last:
                into.land(found, cursor)
            if is_last:
                return
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        confirm(client, repository.whole)
        into.tally.notes.append(
            f"The deployments of {repository.name} can't be read with this token (status {refusal.status}); the rest "
            "was collected."
        )


def _read_deployments(
    client: HttpClient, into: Landing, repository: Repository, cursor: dict[str, Any], answer: Answer
) -> dict[str, list[Any]]:
    """What is new on a page. A deployment that isn't finished is asked for its statuses each time."""
    found: dict[str, list[Any]] = {"deployments": [], "deployment_statuses": []}
    events = [(key_of(repository.id, item["id"]), known_moment(item["updated_at"])) for item in answer.value]
    known = into.landed("deployments", events)
    unfinished = set(cursor.get("deployments_unfinished", []))
    for item, event in zip(answer.value, events, strict=True):
        deployment_id = str(item["id"])
        if not is_settled(event[1], answer.at) or (event in known and deployment_id not in unfinished):
            continue
        unfinished.discard(deployment_id)
        statuses = [
            records.deployment_status_record(repository.id, deployment_id, status)
            for status in items(client, repository, f"/deployments/{deployment_id}/statuses")
        ]
        if not FINISHED & {status.state for status in statuses} and event[1] > answer.at - STATUSES_COME_WITHIN:
            unfinished.add(deployment_id)
        found["deployment_statuses"] += _not_landed(into, repository, statuses)
        if event not in known:
            found["deployments"].append(records.deployment_record(repository.id, item))
    cursor["deployments_unfinished"] = sorted(unfinished)
    return found


def _not_landed(
    into: Landing, repository: Repository, statuses: list[records.DeploymentStatusRecord]
) -> list[records.DeploymentStatusRecord]:
    events = [(key_of(repository.id, status.status_id), known_moment(status.event_at)) for status in statuses]
    known = into.landed("deployment_statuses", events)
    return [status for status, event in zip(statuses, events, strict=True) if event not in known]


def land_releases(client: HttpClient, into: Landing, repository: Repository, cursor: dict[str, Any]) -> None:
    """Land the releases that differ from those that stand, those that are gone included."""
    path = f"{repository.path}/releases"
    answer = first = client.get(path, {"per_page": PAGE}, validator=cursor.get("releases_validator"))
    if first.is_unchanged:
        return
    found = list(first.value)
    while answer.next is not None:
        answer = client.get(answer.next)
        found += answer.value
    # A validator stands for its page: of several, the others may change alone.
    cursor["releases_validator"] = dict(first.validator) if first.next is None else {}
    releases = [records.release_record(repository.id, item) for item in found]
    into.land({"releases": into.differing("releases", repository.id, releases, first.at, is_whole=True)}, cursor)
