"""Deployments, what became of them, and releases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from atlas.collectors import github_records as records
from atlas.collectors.github_reading import PAGE, count, items
from atlas.collectors.http_client import Refused
from atlas.collectors.service_landing import key_of
from atlas.collectors.services import EVERYTHING, FORBIDDEN, is_settled, known_moment, moment, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from atlas.collectors.github_reading import Repository
    from atlas.collectors.http_client import Answer, HttpClient
    from atlas.collectors.service_landing import Landing

# Older deployments are read again only if `since` asks for them.
STATUSES_COME_WITHIN = timedelta(days=30)
# Fields of the checkpoint.
ASKED, READ, UNTIL = "deployments_since", "deployments_read", "deployments_until"
FINISHED = frozenset({"success", "failure", "error", "inactive"})


def land_deployments(
    client: HttpClient, into: Landing, repository: Repository, cursor: dict[str, Any], since: datetime | None
) -> None:
    """Land deployments and their statuses, newest first, until what follows was read before.

    The first reading goes to the end, or back to ``since``. What is deployed meanwhile moves the rest to later pages,
    so that nothing is passed over.

    Args:
        client: of GitHub.
        into: where they go.
        repository: whose they are.
        cursor: the checkpoint. ``deployments_since`` says how far back anybody has asked for them,
            ``deployments_read`` whether they have been read so far without a gap, and ``deployments_until`` of when the
            newest is, for estimates.
        since: how far back to go; None for as far as before.

    Raises:
        Refused, ServiceError: as of the client's ``get``; what has landed by then is kept.
    """
    begin = deployments_begin(cursor, since)
    was_read = begin == moment(cursor.get(ASKED)) and bool(cursor.get(READ))
    cursor |= {ASKED: rfc3339(begin), READ: was_read}
    newest: str | None = None
    for answer in client.pages(f"{repository.path}/deployments", {"per_page": PAGE}):
        oldest = min((known_moment(item["created_at"]) for item in answer.value), default=EVERYTHING)
        found = _read_deployments(client, into, repository, cursor, answer)
        newest = newest or max((item["created_at"] for item in answer.value), default=None)
        is_new = bool(found["deployments"] or found["deployment_statuses"])
        usual = answer.at - STATUSES_COME_WITHIN
        is_known = was_read and not is_new and oldest < (usual if since is None else min(usual, since))
        is_last = answer.next is None or is_known or oldest < begin
        # Where it ends before that, what it hasn't come to yet lies behind what the next collection knows.
        cursor[READ] = is_last
        if is_last:
            cursor[UNTIL] = newest
        if is_new or is_last:
            into.land(found, cursor)
        if is_last:
            return


def deployments_begin(cursor: Mapping[str, Any], since: datetime | None) -> datetime:
    """How far back deployments are wanted: as far as they ever were, or further."""
    before = moment(cursor.get(ASKED))
    if before is None:
        # A checkpoint that says nothing of it is of a time when all were read.
        return since if since is not None and READ not in cursor else EVERYTHING
    return before if since is None else min(before, since)


def count_deployments(
    client: HttpClient, repository: Repository, cursor: Mapping[str, Any], since: datetime | None
) -> tuple[int | None, int]:
    """How many deployments would be asked for their statuses, and how many pages would be listed, at most about.

    Where those of the first page don't tell, it is all that there are. None for what this token may not read.
    """
    path = f"{repository.path}/deployments"
    try:
        answer = client.get(path, {"per_page": PAGE})
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        return None, 1
    begin = deployments_begin(cursor, since)
    if cursor.get(READ) and begin == moment(cursor.get(ASKED)):
        begin = max(begin, moment(cursor.get(UNTIL)) or EVERYTHING)
    wanted = sum(known_moment(item["created_at"]) > begin for item in answer.value)
    if answer.next is None or wanted < len(answer.value):
        return wanted + len(cursor.get("deployments_unfinished", [])), 1
    total = count(client, path, {}) or 0
    return total, total // PAGE + 1


def _read_deployments(
    client: HttpClient, into: Landing, repository: Repository, cursor: dict[str, Any], answer: Answer
) -> dict[str, list[Any]]:
    """What is new on a page. A deployment that isn't finished is asked for its statuses each time."""
    found: dict[str, list[Any]] = {"deployments": [], "deployment_statuses": []}
    events = [(key_of(repository.id, item["id"]), known_moment(item["updated_at"])) for item in answer.value]
    known = into.landed("deployments", events)
    unfinished = set(cursor.get("deployments_unfinished", []))
    # A page may reach further back than was asked for.
    begin = known_moment(cursor[ASKED])
    for item, event in zip(answer.value, events, strict=True):
        deployment_id = str(item["id"])
        is_wanted = event[1] >= begin and is_settled(event[1], answer.at)
        if not is_wanted or (event in known and deployment_id not in unfinished):
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
