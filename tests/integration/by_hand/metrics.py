"""The figures of ``mart_dora``, from the deployments of a scope and its incidents."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from by_hand.calendar import days_between, half_year_of, month_of, quarter_of, thursday_of, week_of, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from by_hand.deployments import Deployment
    from by_hand.histories import History, Incident
    from by_hand.repositories import Commit

FEWEST = 5
DAY, MONTH, HALF_YEAR = 86_400, 30 * 86_400, 180 * 86_400


class Figure(NamedTuple):
    """A row of ``mart_dora``, but for its key."""

    value: float | None
    p90: float | None
    mean: float | None
    n: int
    allocated: float
    excluded: int
    coverage: float | None
    band_2021: str | None
    band_2023: str | None
    reason: str | None


class Outage(NamedTuple):
    """An incident, as far as it is somebody's."""

    day: date
    lasted: int | None
    share: float
    is_linked: bool


class Part(NamedTuple):
    """A deployment, as far as it is somebody's.

    Attributes:
        changes: seconds that each change took, and which part of it is theirs; none of a baseline's.
        mended: seconds until each of its failures was mended; None for one that isn't yet.
        is_told: whether anybody would know of a failure.
        is_known: whether git knows what was deployed.
    """

    deployment: Deployment
    share: float
    is_baseline: bool
    changes: list[tuple[int, float]]
    mended: list[int | None]
    is_told: bool
    is_known: bool


def parts_of(history: History) -> list[Part]:
    """A repository's own: the whole of everything."""
    return [
        Part(
            deployment,
            1,
            history.is_baseline(place),
            changes_of(history, place),
            [failure.mended for failure in history.failures.get(place, [])],
            history.is_told,
            history.is_known(place),
        )
        for place, deployment in enumerate(history.deployments)
    ]


def changes_of(
    history: History, place: int, part: Callable[[Commit], float] = lambda _: 1.0
) -> list[tuple[int, float]]:
    """The changes that a deployment shipped first, by the part of each that counts."""
    found = [] if history.is_baseline(place) else history.shipped_by(place)
    at = history.deployments[place].at
    return [(at - commit.authored, part(commit)) for commit in found if len(commit.parents) < 2 and part(commit)]


def outages_of(history: History) -> list[Outage]:
    """A repository's own."""
    return [outage(incident, 1, is_linked=bool(places)) for incident, places in history.incidents]


def outage(incident: Incident, share: float, *, is_linked: bool) -> Outage:
    """A part of an incident, by the day on which it began."""
    opened = datetime.fromtimestamp(incident.opened, UTC).date()
    return Outage(opened, None if incident.closed is None else incident.closed - incident.opened, share, is_linked)


def figures_of(parts: list[Part], outages: list[Outage], *, watched: bool) -> dict[tuple[str, str], Figure]:
    """Each figure by name of period and metric.

    Args:
        parts: deployments, in any order.
        outages: incidents.
        watched: whether anybody looks for those.
    """
    parts = sorted(parts, key=lambda part: part.deployment.at)
    days = sorted([*(part.deployment.day for part in parts), *(outage.day for outage in outages)])
    known = days_between(days[0], days[-1]) if days else []
    found = {}
    for name_of in (week_of, month_of, quarter_of, whole):
        for name in dict.fromkeys(map(name_of, known)) or (["all"] if name_of is whole else []):
            of_then = [outage for outage in outages if name_of(outage.day) == name]
            for metric, figure in _figures(parts, of_then, name, name_of).items():
                found[name, metric] = figure
            found[name, "time_to_restore_service"] = _restore(of_then, watched=watched)
    return found


def _figures(parts: list[Part], outages: list[Outage], name: str, name_of: Callable[[date], str]) -> dict[str, Figure]:
    of_then = [part for part in parts if name_of(part.deployment.day) == name]
    judged = [part for part in of_then if not part.is_baseline]
    shortage = "no_deployments" if not of_then else "only_baseline" if not judged else None
    blindness = shortage or _blindness(judged, outages)
    return {
        **_frequency(parts, name, name_of),
        "lead_time_for_changes": _lead_time(judged, shortage),
        "change_failure_rate": _failure_rate(judged, blindness),
        "failed_deployment_recovery_time": _recovery(judged, blindness),
    }


def _blindness(judged: list[Part], outages: list[Outage]) -> str | None:
    """Why nobody knows that nothing failed: nobody would have said so, or who did didn't say what."""
    if any(part.mended for part in judged):
        return None
    if not any(part.is_told for part in judged):
        return "no_incidents_source"
    return "unlinked" if outages and not any(outage.is_linked for outage in outages) else None


def _frequency(parts: list[Part], name: str, name_of: Callable[[date], str]) -> dict[str, Figure]:
    """Of successes alone, in units from the first that ever was to the last; the coverage is of all deployments."""
    successes = [part for part in parts if part.deployment.status == "success"]
    of_then = [part for part in successes if name_of(part.deployment.day) == name]
    deployed = [part.deployment.day for part in successes]
    days = days_between(deployed[0], deployed[-1]) if deployed else []

    def rhythm(unit_of: Callable[[date], str], belongs_by: Callable[[date], date]) -> float | None:
        units: dict[str, set[date]] = {}
        for day in days:
            if name_of(belongs_by(day)) == name:
                units.setdefault(unit_of(day), set()).update({day} & set(deployed))
        return percentile([len(unit) for unit in units.values()], 0.5) if units else None

    per_week = rhythm(week_of, thursday_of)
    per_month = rhythm(month_of, lambda day: day) if name_of is not week_of else None
    per_half_year = rhythm(half_year_of, lambda day: day) if name_of is whole else None
    n = len(of_then)
    bands = _band_2021(per_week, per_month, per_half_year), _band_2023(per_week, per_month)
    too_few = "too_few" if n < FEWEST else None
    # Before the first deployment and after the last nobody knows that there was none.
    ever = days_between(parts[0].deployment.day, parts[-1].deployment.day) if parts else []
    unknown = None if name in map(name_of, ever) else "no_deployments"
    timed = [part.deployment.has_own_time for part in parts if name_of(part.deployment.day) == name]
    coverage = sum(timed) / len(timed) if timed else None
    allocated = sum((part.share for part in of_then), 0.0)
    value, reason = (None, unknown) if unknown else (allocated, too_few)
    no_week = (unknown or "no_whole_week") if per_week is None else too_few
    return {
        "deployment_frequency": Figure(
            value, None, None, n, allocated, 0, coverage, *((None, None) if too_few else bands), reason
        ),
        "deployment_days_per_week": Figure(per_week, None, None, n, allocated, 0, coverage, None, None, no_week),
    }


def _band_2021(per_week: float | None, per_month: float | None, per_half_year: float | None) -> str | None:
    if (per_week or 0) >= 5:
        return "elite"
    if (per_week or 0) >= 1 or (per_month or 0) >= 1:
        return "high"
    return None if per_half_year is None else "medium" if per_half_year >= 1 else "low"


def _band_2023(per_week: float | None, per_month: float | None) -> str | None:
    if (per_week or 0) >= 5:
        return "elite"
    if (per_week or 0) >= 1:
        return "high"
    return None if per_month is None else "medium" if per_month >= 1 else "low"


def _lead_time(judged: list[Part], shortage: str | None) -> Figure:
    changes = [change for part in judged for change in part.changes]
    timed = [(seconds, allocation) for seconds, allocation in changes if seconds >= 0]
    times = [seconds for seconds, _ in timed]
    coverage = len(timed) / len(changes) if changes else None
    reason = shortage or (None if timed else "no_changes")
    bands = _band(times, 3600, 7 * DAY, HALF_YEAR), _band(times, DAY, 7 * DAY, MONTH)
    return _of_times(timed, len(changes) - len(timed), coverage, bands, reason)


def _failure_rate(judged: list[Part], blindness: str | None) -> Figure:
    n = len(judged)
    allocated = sum((part.share for part in judged), 0.0)
    is_known = n >= FEWEST and blindness is None
    rate = sum(part.share for part in judged if part.mended) / allocated if is_known else None
    bands = [
        None if rate is None else next((band for band, most in bounds if rate <= most), "low")
        for bounds in (
            (("elite", 0.15), ("high", 0.20), ("medium", 0.30)),
            (("elite", 0.05), ("high", 0.10), ("medium", 0.15)),
        )
    ]
    reason = blindness or ("too_few" if n < FEWEST else None)
    coverage = sum(part.is_told and part.is_known for part in judged) / n if n else None
    return Figure(rate, None, None, n, allocated, 0, coverage, bands[0], bands[1], reason)


def _recovery(judged: list[Part], blindness: str | None) -> Figure:
    failed = [part for part in judged if part.mended]
    times = [
        (min(mended), part.share)
        for part in failed
        if (mended := [seconds for seconds in part.mended if seconds is not None])
    ]
    coverage = len(times) / len(failed) if failed else None
    reason = blindness or ("no_failures" if not failed else None if times else "not_restored")
    band = _band([seconds for seconds, _ in times], 3600, DAY, 7 * DAY)
    return _of_times(times, len(failed) - len(times), coverage, (band, band), reason)


def _restore(outages: list[Outage], *, watched: bool) -> Figure:
    times = [(outage.lasted, outage.share) for outage in outages if outage.lasted is not None]
    coverage = len(times) / len(outages) if outages else None
    reason = (
        "no_incidents_source" if not watched else "no_incidents" if not outages else None if times else "not_restored"
    )
    return _of_times(times, len(outages) - len(times), coverage, (None, None), reason)


def _of_times(
    timed: Sequence[tuple[int, float]],
    excluded: int,
    coverage: float | None,
    bands: tuple[str | None, str | None],
    reason: str | None,
) -> Figure:
    """Each time counts once, whoever else has a part in it; parts are added up."""
    times = [seconds for seconds, _ in timed]
    n, allocated = len(times), sum((share for _, share in timed), 0.0)
    if n < FEWEST:
        return Figure(None, None, None, n, allocated, excluded, coverage, None, None, reason or "too_few")
    mean = sum(times) / n
    return Figure(
        percentile(times, 0.5), percentile(times, 0.9), mean, n, allocated, excluded, coverage, *bands, reason
    )


def _band(times: Sequence[int], elite: int, high: int, medium: int) -> str | None:
    middle = percentile(times, 0.5) if times else 0.0
    return "elite" if middle < elite else "high" if middle < high else "medium" if middle < medium else "low"


def percentile(values: Iterable[float], share: float) -> float:
    """Between the two values next to it, in proportion, as SQL's percentile_cont."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def same(left: object, right: object) -> bool:
    """Whether two values are one, but for how computers add."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-9)
    return left == right
