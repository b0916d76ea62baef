"""What a response says about limits: how much may still be asked, and how long to wait.

Three dialects are read alike. GitHub sends ``X-RateLimit-*`` with seconds since 1970; GitLab ``RateLimit-*`` with the
same; Jira ``X-RateLimit-*`` with an ISO 8601 time. ``Retry-After`` is seconds, or a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIXES = ("x-ratelimit-", "ratelimit-")
# A number below this is a span of seconds (the drafts of RateLimit-Reset say so), above it a time since 1970.
EARLIEST_EPOCH_S = 10**9
# What GitHub asks for where it refuses without saying until when.
UNSTATED_PAUSE_S = 60.0
SECONDARY_LIMIT = ("secondary rate limit", "abuse detection")


@dataclass(frozen=True)
class Quota:
    """What may still be asked of a service.

    Attributes:
        limit: requests in a window; None where the service doesn't say.
        remaining: how many of them are left.
        resets_at: when the window ends (UTC); None where the service doesn't say.
    """

    limit: int | None
    remaining: int
    resets_at: datetime | None


@dataclass(frozen=True)
class Pause:
    """A refusal for having asked too much.

    Attributes:
        seconds: how long to wait.
        is_stated: whether the service said so, rather than leaving it to us.
    """

    seconds: float
    is_stated: bool


def service_time(headers: Mapping[str, str]) -> datetime:
    """The service's clock, by its ``Date`` header; ours where it sends none. Only the two together are comparable."""
    return _date(headers.get("date")) or datetime.now(UTC)


def read_quota(headers: Mapping[str, str]) -> Quota | None:
    """The quota that a response tells, if it does."""
    for prefix in PREFIXES:
        remaining = _whole(headers.get(f"{prefix}remaining"))
        if remaining is not None:
            resets_at = _reset(headers.get(f"{prefix}reset"), service_time(headers))
            return Quota(_whole(headers.get(f"{prefix}limit")), remaining, resets_at)
    return None


def read_pause(status: int, headers: Mapping[str, str], text: str) -> Pause | None:
    """How long a refusal asks us to wait; None if it has nothing to do with limits.

    GitHub answers 403 to what goes beyond a limit as well as to what isn't allowed: which of the two it is, its headers
    say, and for the secondary limits only its words.
    """
    stated = _retry_after(headers)
    quota = read_quota(headers)
    used_up = quota is not None and quota.remaining == 0
    is_secondary = any(words in text.lower() for words in SECONDARY_LIMIT)
    if status in {502, 503, 504}:
        return None if stated is None else Pause(stated, is_stated=True)
    if status != 429 and not (status == 403 and (stated is not None or used_up or is_secondary)):
        return None
    if stated is not None:
        return Pause(stated, is_stated=True)
    if used_up and quota is not None and quota.resets_at is not None:
        # The window ends within that second, not at its beginning.
        return Pause(max(0.0, (quota.resets_at - service_time(headers)).total_seconds()) + 1, is_stated=True)
    return Pause(UNSTATED_PAUSE_S, is_stated=False)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after")
    seconds = _whole(text)
    if seconds is not None:
        return float(seconds)
    moment = _date(text)
    return None if moment is None else max(0.0, (moment - service_time(headers)).total_seconds())


def _reset(text: str | None, now: datetime) -> datetime | None:
    number = _whole(text)
    if text is None:
        return None
    try:
        if number is None:
            moment = datetime.fromisoformat(text.strip())
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(number, UTC) if number >= EARLIEST_EPOCH_S else now + timedelta(seconds=number)
    except (ValueError, OverflowError, OSError):
        return None


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
