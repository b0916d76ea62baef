"""What the collectors of web services have in common: what they report, and how they read what has changed."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from atlas.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from atlas.collectors.http_limits import Quota
    from atlas.landing.receipt import Receipt

# What changed in the last moments may be changing still, within the same second: it waits for the next collection.
SETTLED_AFTER = timedelta(seconds=5)
# Read again from here before the checkpoint, for services whose replicas lag behind.
OVERLAP = timedelta(minutes=2)
EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)
# The service shows it to nobody, or not to this token.
FORBIDDEN = frozenset({403, 404, 410, 451})


@dataclass
class Tally:
    """What a collection has done so far.

    Attributes:
        accepted, duplicate, quarantined: records by source.
        batches: how many of them there are in the ledger.
        notes: sentences that the user should read.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    duplicate: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, receipt: Receipt) -> None:
        """Count what was landed."""
        self.accepted[receipt.source] += receipt.accepted
        self.duplicate[receipt.source] += receipt.duplicate
        self.quarantined[receipt.source] += receipt.quarantined
        self.batches += 1

    @property
    def read(self) -> int:
        """All records."""
        return self.accepted.total() + self.duplicate.total() + self.quarantined.total()


@dataclass(frozen=True)
class Collection:
    """What a collection of one repository, project or organisation did.

    Attributes:
        system: ``github``, ``gitlab`` or ``jira``.
        name: as the service calls it now.
        tally: what was landed.
        requests: how many were sent.
        quota: what may still be asked of the service; None where it doesn't say.
        duration_s: in seconds.
    """

    system: str
    name: str
    tally: Tally
    requests: int
    quota: Quota | None
    duration_s: float


@dataclass(frozen=True)
class Estimate:
    """What a collection would read; nothing has been written.

    Attributes:
        system, name: as in ``Collection``.
        since: from when on.
        changes: how many things have changed, by what they are; None where the service doesn't say.
        requests: how many it would take, about; None where the number of changes isn't known.
        quota: as in ``Collection``.
    """

    system: str
    name: str
    since: datetime
    changes: Mapping[str, int | None]
    requests: int | None
    quota: Quota | None


class Change(NamedTuple):
    """Something that changed.

    Attributes:
        identity: what it is.
        changed_at: when, by the service's clock.
        value: as the service gives it.
    """

    identity: Any
    changed_at: datetime
    value: Any


class Page(NamedTuple):
    """A page of changes, oldest first.

    Attributes:
        changes: those that are settled.
        has_more: whether another page follows.
        is_cut: whether something on it wasn't settled.
    """

    changes: Sequence[Change]
    has_more: bool
    is_cut: bool = False


def changes_since(page_of: Callable[[datetime, int], Page], since: datetime) -> Iterator[list[Change]]:
    """Everything that changed at or after ``since``, oldest first, however it moves meanwhile.

    Page numbers are good only while nothing changes: what changes moves to the end, the rest moves up, and what was
    first on page 2 is read by nobody. So the next question isn't for page 2 but for what has changed since the last
    change that was read. Only where more than a page changed in one moment do page numbers have to do; such pages are
    read again until it shows that nothing left them while they were read: all that they held is still there. What
    leaves one that was read already is what makes the rest move up unseen, and it doesn't come back.

    Args:
        page_of: gives the page of a number, from 1, of what changed at or after a time.
        since: where to begin.

    Yields:
        Changes of each page that weren't yielded before. What changes once more meanwhile comes once more.
    """
    seen: dict[Any, datetime] = {}
    # What the last reading of these pages found up to their moment, and how far it came.
    before: tuple[set[tuple[Any, datetime]], datetime] | None = None
    while True:
        number, brought, last = 0, 0, since
        held: set[tuple[Any, datetime]] = set()
        has_more = True
        while has_more and last <= since:
            number += 1
            page = page_of(since, number)
            has_more = page.has_more
            fresh = [change for change in page.changes if seen.get(change.identity) != change.changed_at]
            seen.update((change.identity, change.changed_at) for change in fresh)
            held.update((change.identity, change.changed_at) for change in page.changes if change.changed_at <= since)
            last = max((change.changed_at for change in page.changes), default=last)
            brought += len(fresh)
            if fresh:
                yield fresh
        if number == 1 and not has_more:
            return
        # What changes goes to the end: where nothing new is found up to there, nothing has changed.
        if not has_more and not brought and not page.is_cut:
            return
        is_whole = before is not None and before[0] <= held
        reached = last if number == 1 else before[1] if before is not None and is_whole else since
        if reached == since and is_whole and not has_more and not brought:
            return
        before = (held, last)
        if reached > since:
            # Not before: what a service lists from further back would be new each time.
            since, before = reached, None
            seen = {identity: moment for identity, moment in seen.items() if moment >= since}


def is_settled(changed_at: datetime, at: datetime) -> bool:
    """Whether a change lies so far back that another within the same second would have been seen."""
    return changed_at <= at - SETTLED_AFTER


def moment(text: str | None) -> datetime | None:
    """A service's time in UTC. Jira writes ``+0100``, the others a ``Z``.

    Raises:
        DataError: it isn't a time with an offset.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        pass
    raise DataError(f"The service gave {str(text)[:40]!r} for a time. This collector doesn't fit its version.")


def known_moment(text: str | None) -> datetime:
    """A time that a service always gives.

    Raises:
        DataError: it isn't there, or isn't a time with an offset.
    """
    found = moment(text)
    if found is None:
        raise DataError("The service gave no time where it always gives one. This collector doesn't fit its version.")
    return found


def rfc3339(at: datetime) -> str:
    """A time as landing reads it, in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def utc(text: str | None) -> str | None:
    """A service's time as landing reads it."""
    found = moment(text)
    return None if found is None else rfc3339(found)


def text_of(value: Any) -> str | None:
    """A text as PostgreSQL can store it; None stays None."""
    return None if value is None else str(value).replace("\x00", "\ufffd")


def name_in(value: Any, field_name: str) -> str | None:
    """A field of something that may be missing: a deleted user, a deleted fork."""
    return text_of(value.get(field_name)) if isinstance(value, dict) else None


def names_in(values: Iterable[Any] | None, field_name: str) -> list[str]:
    """A field of each that has it, sorted: labels, or people, some of whom may be gone."""
    found = [name_in(value, field_name) if isinstance(value, dict) else text_of(value) for value in values or ()]
    return sorted(name for name in found if name is not None)


def begin_of(cursor: dict[str, Any], until: str, since: datetime | None) -> datetime:
    """Where to begin to read: a little before where the last collection ended, or as told.

    Once something was asked for, nothing after it is left out: what lies between a checkpoint and a later ``since``
    would be lost for good as soon as the checkpoint moves past it. So the first ``since`` is kept as the checkpoint,
    and every other one reaches back, never forward.

    Args:
        cursor: the checkpoint.
        until: its field that says up to when changes have landed.
        since: where the user wants to begin.
    """
    reached = moment(cursor.get(until))
    if reached is None:
        if since is None:
            return EVERYTHING
        cursor[until] = rfc3339(since)
        return since
    usual = max(EVERYTHING, reached - OVERLAP)
    return usual if since is None else min(since, usual)


def unread_from(cursor: dict[str, Any], until: str, since: datetime | None, precision: timedelta) -> datetime:
    """From when on an estimate counts: as ``begin_of``, without what the last collection has read.

    The service can be asked by times of ``precision``; what it tells of the last of them counts as read.
    """
    reached = moment(cursor.get(until))
    return begin_of(cursor, until, since) if reached is None or since is not None else reached + precision


def host_of(url: str) -> str:
    """The host of an address, with its port if that is unusual: what names a service among others."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2].lower() or "localhost"


def since_of(text: str) -> datetime:
    """What ``--since`` says: a day (its beginning in UTC) or a time with its offset.

    Raises:
        UsageError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--since must be a day or a time such as 2026-01-31T00:00:00Z, not {text!r}.") from error
    if found.tzinfo is None:
        if len(text) > len("2026-01-31"):
            raise UsageError(f"--since must say its time zone or offset, as in {text}Z.")
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


@contextmanager
def understood(service: str) -> Iterator[None]:
    """Say of an object without what it must have, or of another shape, that it isn't what this collector knows.

    Raises:
        DataError: in place of what Python says.
    """
    try:
        yield
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{service} gave an object of another shape than its documentation says ({type(error).__name__}: {error}). "
            "What has landed by now is kept."
        ) from error
