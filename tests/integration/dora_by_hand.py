"""The DORA metrics as one would work them out by hand: from git and a list of incidents, without a database.

It shares nothing with the models but the definitions in docs/guides/delivery.md, and takes the plainest way, not the
fastest: git is asked once for each deployment.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

RELEASE = re.compile(r"([^0-9]*[-_/@])?v?[0-9]+\.[0-9]+\.[0-9]+")
REVERT = re.compile(r"^[ \t]*This reverts commit ([0-9a-f]{7,40})", re.MULTILINE)
FEWEST = 5
LONGEST = 30 * 86_400
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


class Deployment(NamedTuple):
    """A release tag; times are in seconds since 1970."""

    name: str
    commit: str
    at: int
    is_annotated: bool

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.at, UTC).date()


class Commit(NamedTuple):
    authored: int
    author: str
    parents: tuple[str, ...]
    message: str


class Incident(NamedTuple):
    """An issue; times are in seconds since 1970, ``closed`` is None while it is open."""

    text: str
    opened: int
    closed: int | None


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
    """

    deployment: Deployment
    share: float
    is_baseline: bool
    changes: list[tuple[int, float]]
    mended: list[int | None]
    is_told: bool


@dataclass
class History:
    """What git says, and what follows of it.

    Attributes:
        deployments: in their order; the first is the baseline.
        commits: all that were ever collected, reachable or not.
        shipped: for each commit, the place of the first deployment that contains it.
        failures: for each deployment that failed, the seconds until it was mended; None where it isn't yet.
        incidents: each with the places of the deployments that it is about.
        is_told: whether anybody would know of a failure: there is a default branch with the reverts, or a rule for
            hotfixes, or issues are read.
    """

    deployments: list[Deployment]
    commits: dict[str, Commit]
    shipped: dict[str, int]
    failures: dict[int, list[int | None]]
    incidents: list[tuple[Incident, list[int]]]
    is_told: bool


def read_history(
    path: Path,
    before: Collection[str] = (),
    incidents: Iterable[Incident] = (),
    default_branch: str = "main",
    hotfix: str | None = None,
    *,
    watched: bool = False,
) -> History:
    """Ask git.

    Args:
        path: of the repository.
        before: commits that it had once, and that a force-push may have left behind.
        incidents: of the repository.
        default_branch: its short name.
        hotfix: the expression by which the repository calls a hotfix, or None.
        watched: whether its issues are read.
    """
    deployments = sorted(_deployments(path), key=lambda d: (d.at, [ord(letter) for letter in d.name]))
    commits = dict(_commits(path, before))
    shipped: dict[str, int] = {}
    for place, deployment in enumerate(deployments):
        earlier = [f"^{other.commit}" for other in deployments[:place]]
        for commit in _git(path, "rev-list", deployment.commit, *earlier).split():
            assert commit not in shipped
            shipped[commit] = place
    failures: dict[int, list[int | None]] = {}
    head = f"refs/heads/{default_branch}"
    has_default = bool(_git(path, "for-each-ref", head))
    on_default = _git(path, "rev-list", head).split() if has_default else []
    for commit in on_default:
        for quoted in REVERT.findall(commits[commit].message):
            targets = [other for other in commits if other.startswith(quoted)]
            if len(targets) != 1 or targets[0] not in shipped:
                continue
            failed, restoring = shipped[targets[0]], shipped.get(commit)
            if restoring is None or restoring > failed:
                mended = None if restoring is None else deployments[restoring].at - deployments[failed].at
                failures.setdefault(failed, []).append(mended)
    for place in range(1, len(deployments) if hotfix else 0):
        subjects = [commits[commit].message.split("\n")[0] for commit, other in shipped.items() if other == place]
        if any(re.search(str(hotfix), text) for text in (deployments[place].name, *subjects)):
            failures.setdefault(place - 1, []).append(deployments[place].at - deployments[place - 1].at)
    is_told = has_default or hotfix is not None or watched
    history = History(deployments, commits, shipped, failures, [], is_told)
    for incident in incidents:
        places = _blamed(history, incident)
        history.incidents.append((incident, places))
        for place in places:
            ended = None if incident.closed is None else incident.closed - deployments[place].at
            failures.setdefault(place, []).append(ended)
    return history


def _blamed(history: History, incident: Incident) -> list[int]:
    """The places of the deployments that an incident is about, by the words of its text."""
    found = set()
    for word in incident.text.split():
        found |= {place for place, deployment in enumerate(history.deployments) if deployment.name == word.rstrip(".")}
        if re.fullmatch("[0-9a-f]{7,40}", word):
            commits = [commit for commit in history.commits if commit.startswith(word)]
            found |= {history.shipped[commit] for commit in commits if len(commits) == 1 and commit in history.shipped}
    return [place for place in found if 0 <= incident.opened - history.deployments[place].at <= LONGEST]


def parts_of(history: History) -> list[Part]:
    """A repository's own: the whole of everything."""
    return [
        Part(deployment, 1, place == 0, changes_of(history, place), history.failures.get(place, []), history.is_told)
        for place, deployment in enumerate(history.deployments)
    ]


def changes_of(
    history: History, place: int, part: Callable[[Commit], float] = lambda _: 1.0
) -> list[tuple[int, float]]:
    """The changes that a deployment shipped first, by the part of each that counts."""
    found = [history.commits[commit] for commit, other in history.shipped.items() if other == place > 0]
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
    if not parts:
        nothing = Figure(None, None, None, 0, 0.0, 0, None, None, None, "no_deployments")
        metrics = ("deployment_frequency", "deployment_days_per_week", "lead_time_for_changes", "change_failure_rate")
        found = {("all", metric): nothing for metric in (*metrics, "failed_deployment_recovery_time")}
        return found | {("all", "time_to_restore_service"): _restore(outages, watched=watched)}
    first, last = parts[0].deployment.day, parts[-1].deployment.day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = {}
    for name_of in (_week, _month, _quarter, _whole):
        for name in dict.fromkeys(map(name_of, days)):
            of_then = [outage for outage in outages if name_of(outage.day) == name]
            for metric, figure in _figures(parts, of_then, name, name_of, days).items():
                found[name, metric] = figure
            found[name, "time_to_restore_service"] = _restore(of_then, watched=watched)
    return found


def _figures(
    parts: list[Part], outages: list[Outage], name: str, name_of: Callable[[date], str], days: list[date]
) -> dict[str, Figure]:
    of_then = [part for part in parts if name_of(part.deployment.day) == name]
    judged = [part for part in of_then if not part.is_baseline]
    shortage = "no_deployments" if not of_then else "only_baseline" if not judged else None
    blindness = shortage or _blindness(judged, outages)
    return {
        **_frequency(parts, of_then, name, name_of, days),
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


def _frequency(
    parts: list[Part], of_then: list[Part], name: str, name_of: Callable[[date], str], days: list[date]
) -> dict[str, Figure]:
    deployed = {part.deployment.day for part in parts}

    def rhythm(unit_of: Callable[[date], str], belongs_by: Callable[[date], date]) -> float | None:
        units: dict[str, set[date]] = {}
        for day in days:
            if name_of(belongs_by(day)) == name:
                units.setdefault(unit_of(day), set()).update({day} & deployed)
        return percentile([len(unit) for unit in units.values()], 0.5) if units else None

    per_week = rhythm(_week, _thursday)
    per_month = rhythm(_month, lambda day: day) if name_of is not _week else None
    per_half_year = rhythm(_half_year, lambda day: day) if name_of is _whole else None
    n = len(of_then)
    band_2021 = band_2023 = None
    if n >= FEWEST:
        band_2021 = (
            "elite"
            if (per_week or 0) >= 5
            else "high"
            if (per_week or 0) >= 1 or (per_month or 0) >= 1
            else None
            if per_half_year is None
            else "medium"
            if per_half_year >= 1
            else "low"
        )
        band_2023 = (
            "elite"
            if (per_week or 0) >= 5
            else "high"
            if (per_week or 0) >= 1
            else None
            if per_month is None
            else "medium"
            if per_month >= 1
            else "low"
        )
    too_few = "too_few" if n < FEWEST else None
    coverage = sum(part.deployment.is_annotated for part in of_then) / n if n else None
    allocated = sum((part.share for part in of_then), 0.0)
    no_week = "no_whole_week" if per_week is None else too_few
    return {
        "deployment_frequency": Figure(allocated, None, None, n, allocated, 0, coverage, band_2021, band_2023, too_few),
        "deployment_days_per_week": Figure(per_week, None, None, n, allocated, 0, coverage, None, None, no_week),
    }


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
    coverage = sum(part.is_told for part in judged) / n if n else None
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


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def _thursday(day: date) -> date:
    return day + timedelta(days=4 - day.isoweekday())


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _quarter(day: date) -> str:
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


def _half_year(day: date) -> str:
    return f"{day.year:04}-H{1 if day.month < 7 else 2}"


def _whole(_day: date) -> str:
    return "all"


def _deployments(path: Path) -> Iterable[Deployment]:
    fields = "%(refname:strip=2) %(objecttype) %(objectname) %(*objectname) %(taggerdate:unix) %(committerdate:unix)"
    for line in _git(path, "for-each-ref", f"--format={fields}", "refs/tags").splitlines():
        name, kind, made, *rest = line.split()
        if RELEASE.fullmatch(name):
            is_annotated = kind == "tag"
            yield Deployment(name, rest[0] if is_annotated else made, int(rest[-1]), is_annotated)


def _commits(path: Path, before: Collection[str]) -> Iterable[tuple[str, Commit]]:
    hashes = {*_git(path, "rev-list", "--all").split(), *before}
    asked = ["log", "--no-walk=unsorted", "--stdin", "--format=%H%x00%at%x00%ae%x00%P%x00%B%x00"]
    fields = _git(path, *asked, given="\n".join(hashes)).split("\0")[:-1]
    for commit, authored, author, parents, message in zip(*[iter(fields)] * 5, strict=True):
        yield commit.lstrip("\n"), Commit(int(authored), author, tuple(parents.split()), message)


def _git(path: Path, *arguments: str, given: str | None = None) -> str:
    command = ["git", "-C", str(path), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=given).stdout
