"""Issues and pull requests, in the order in which they changed.

GitHub's list of issues holds pull requests too, and is the only one that can be asked for what has changed since a
time. What it says of a pull request is little: each is read by itself, with its commits and its reviews.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from atlas.collectors import github_records as records
from atlas.collectors.github_reading import PAGE, count, items, seconds
from atlas.collectors.presence import unless_deleted
from atlas.collectors.services import (
    EVERYTHING,
    Change,
    Page,
    begin_of,
    changes_since,
    is_settled,
    known_moment,
    rfc3339,
)

if TYPE_CHECKING:
    from datetime import datetime

    from atlas.collectors.github_reading import Repository
    from atlas.collectors.http_client import Answer, HttpClient
    from atlas.collectors.service_landing import Landing

ORDER = {"state": "all", "sort": "updated", "direction": "asc", "per_page": PAGE}
# GitHub's times have no more than seconds, and whether `since` holds its own second isn't said.
PRECISION = timedelta(seconds=1)


def land_changes(
    client: HttpClient, into: Landing, repository: Repository, cursor: dict[str, Any], since: datetime | None
) -> None:
    """Land the issues and pull requests that have changed, step by step; ``cursor`` moves with them."""
    begin = begin_of(cursor, "changed_until", since)
    # Asked as the last time, whose answer was read to its end, GitHub may say that nothing has changed.
    asked_since, validator = cursor.pop("asked_since", None), cursor.pop("validator", None)
    if asked_since != rfc3339(begin):
        validator = None
    whole: Answer | None = None

    def page_of(changed_since: datetime, number: int) -> Page:
        nonlocal whole
        after = seconds(changed_since - PRECISION) if changed_since > EVERYTHING else None
        query = {**ORDER, "since": after, "page": number if number > 1 else None}
        is_first = changed_since == begin and number == 1
        answer = client.get(f"{repository.path}/issues", query, validator=validator if is_first else None)
        page = Page([], has_more=False) if answer.is_unchanged else _page(answer)
        if is_first and not page.is_cut and answer.next is None:
            whole = answer
        return page

    def read(change: Change) -> dict[str, list[Any]]:
        if "pull_request" in change.value:
            return _read_pull_request(client, into, repository, change.identity)
        return _read_issue(client, repository, change)

    for changes in changes_since(page_of, begin):
        into.land_changes(changes, repository.id, ("issues", "pull_requests"), read, cursor, "changed_until")
    if whole is not None:
        cursor["asked_since"], cursor["validator"] = rfc3339(begin), dict(whole.validator)


def count_changes(client: HttpClient, repository: Repository, begin: datetime) -> tuple[int | None, int]:
    """How many issues and pull requests have changed, and how many of them are pull requests.

    GitHub counts pull requests only if all are meant; else the hundred that changed last stand for the rest.
    """
    issues, query = f"{repository.path}/issues", {"state": "all", "since": seconds(begin)}
    changed = count(client, issues, query)
    if not changed:
        return changed, 0
    if begin == EVERYTHING:
        return changed, count(client, f"{repository.path}/pulls", {"state": "all"}) or 0
    last = client.get(issues, {**ORDER, **query, "direction": "desc"}).value
    return changed, round(changed * sum("pull_request" in item for item in last) / max(1, len(last)))


def _page(answer: Answer) -> Page:
    """What is settled of a page; it is sorted, so that all that follows isn't either."""
    found = [Change(item["number"], known_moment(item["updated_at"]), item) for item in answer.value]
    changes = [change for change in found if is_settled(change.changed_at, answer.at)]
    is_cut = len(changes) < len(found)
    return Page(changes, has_more=answer.next is not None and not is_cut, is_cut=is_cut)


def _read_issue(client: HttpClient, repository: Repository, change: Change) -> dict[str, list[Any]]:
    number = change.identity
    events = items(client, repository, f"/issues/{number}/events")
    return {
        "issue_events": [records.issue_event_record(repository.id, number, event) for event in events],
        "issues": [records.issue_record(repository.id, change.value)],
    }


def _read_pull_request(client: HttpClient, into: Landing, repository: Repository, number: int) -> dict[str, list[Any]]:
    path = f"/pulls/{number}"
    answer = unless_deleted(client, repository.whole, lambda: client.get(f"{repository.path}{path}"))
    if answer is None:
        into.tally.notes.append(f"The pull request #{number} of {repository.name} is listed, but not there.")
        return {}
    if not is_settled(known_moment(answer.value["updated_at"]), answer.at):
        # It has just changed again, and so comes again in the list.
        return {}
    commits = items(client, repository, f"{path}/commits")
    found = items(client, repository, f"{path}/reviews")
    reviews = [records.review_record(repository.id, number, review) for review in found]
    return {
        "reviews": [review for review in reviews if review is not None],
        "pull_requests": [records.pull_request_record(repository.id, answer.value, commits)],
    }
