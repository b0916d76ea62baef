"""The DORA metrics of a repository as one would work them out by hand: from git alone, without a database.

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
DAY, MONTH, HALF_YEAR = 86_400, 30 * 86_400, 180 * 86_400


class Figure(NamedTuple):
    """A row of ``mart_dora``, but for its key."""

    value: float | None
    p90: float | None
    mean: float | None
    n: int
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
    parents: tuple[str, ...]
    message: str


@dataclass
class History:
    """What git says, and what follows of it.

    Attributes:
        deployments: in their order; the first is the baseline.
        commits: all that were ever collected, reachable or not.
        shipped: for each commit, the place of the first deployment that contains it.
        failures: for each deployment that failed, the places of those that mended it; None for a revert not shipped.
    """

    deployments: list[Deployment]
    commits: dict[str, Commit]
    shipped: dict[str, int]
    failures: dict[int, list[int | None]]


def read_history(path: Path, before: Collection[str] = (), default_branch: str = "main") -> History:
    """Ask git; ``before`` are commits that it had once, and that a force-push may have left behind."""
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
    on_default = _git(path, "rev-list", head).split() if _git(path, "for-each-ref", head) else []
    for commit in on_default:
        for quoted in REVERT.findall(commits[commit].message):
            targets = [other for other in commits if other.startswith(quoted)]
            if len(targets) != 1 or targets[0] not in shipped:
                continue
            failed, restoring = shipped[targets[0]], shipped.get(commit)
            if restoring is None or restoring > failed:
                failures.setdefault(failed, []).append(restoring)
    return History(deployments, commits, shipped, failures)


def figures_of(history: History) -> dict[tuple[str, str], Figure]:
    """Each figure by name of period and metric."""
    deployments = history.deployments
    if not deployments:
        nothing = Figure(None, None, None, 0, 0, None, None, None, "no_deployments")
        metrics = ("deployment_frequency", "deployment_days_per_week", "lead_time_for_changes", "change_failure_rate")
        found = {("all", metric): nothing for metric in (*metrics, "failed_deployment_recovery_time")}
        return found | {("all", "time_to_restore_service"): nothing._replace(reason="no_incidents_source")}
    first, last = deployments[0].day, deployments[-1].day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = {}
    for name_of in (_week, _month, _quarter, _whole):
        for name in dict.fromkeys(map(name_of, days)):
            for metric, figure in _figures(history, name, name_of, days).items():
                found[name, metric] = figure
    return found


def _figures(history: History, name: str, name_of: Callable[[date], str], days: list[date]) -> dict[str, Figure]:
    places = [place for place, deployment in enumerate(history.deployments) if name_of(deployment.day) == name]
    judged = [place for place in places if place > 0]
    shortage = "no_deployments" if not places else "only_baseline" if not judged else None
    return {
        **_frequency(history, places, name, name_of, days),
        "lead_time_for_changes": _lead_time(history, judged, shortage),
        "change_failure_rate": _failure_rate(history, judged, shortage),
        "failed_deployment_recovery_time": _recovery(history, judged, shortage),
        "time_to_restore_service": Figure(None, None, None, 0, 0, None, None, None, "no_incidents_source"),
    }


def _frequency(
    history: History, places: list[int], name: str, name_of: Callable[[date], str], days: list[date]
) -> dict[str, Figure]:
    deployed = {deployment.day for deployment in history.deployments}

    def rhythm(unit_of: Callable[[date], str], belongs_by: Callable[[date], date]) -> float | None:
        units: dict[str, set[date]] = {}
        for day in days:
            if name_of(belongs_by(day)) == name:
                units.setdefault(unit_of(day), set()).update({day} & deployed)
        return percentile([len(unit) for unit in units.values()], 0.5) if units else None

    per_week = rhythm(_week, _thursday)
    per_month = rhythm(_month, lambda day: day) if name_of is not _week else None
    per_half_year = rhythm(_half_year, lambda day: day) if name_of is _whole else None
    n = len(places)
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
    coverage = sum(history.deployments[place].is_annotated for place in places) / n if n else None
    no_week = "no_whole_week" if per_week is None else too_few
    return {
        "deployment_frequency": Figure(float(n), None, None, n, 0, coverage, band_2021, band_2023, too_few),
        "deployment_days_per_week": Figure(per_week, None, None, n, 0, coverage, None, None, no_week),
    }


def _lead_time(history: History, judged: list[int], shortage: str | None) -> Figure:
    changes = [
        history.deployments[place].at - history.commits[commit].authored
        for commit, place in history.shipped.items()
        if place in judged and len(history.commits[commit].parents) < 2
    ]
    times = [seconds for seconds in changes if seconds >= 0]
    coverage = len(times) / len(changes) if changes else None
    reason = shortage or (None if times else "no_changes")
    bands = _band(times, 3600, 7 * DAY, HALF_YEAR), _band(times, DAY, 7 * DAY, MONTH)
    return _of_times(times, len(changes) - len(times), coverage, bands, reason)


def _failure_rate(history: History, judged: list[int], shortage: str | None) -> Figure:
    n = len(judged)
    failed = sum(place in history.failures for place in judged)
    rate = failed / n if n >= FEWEST else None
    bands = [
        None if rate is None else next((band for band, most in bounds if rate <= most), "low")
        for bounds in (
            (("elite", 0.15), ("high", 0.20), ("medium", 0.30)),
            (("elite", 0.05), ("high", 0.10), ("medium", 0.15)),
        )
    ]
    reason = shortage or ("too_few" if n < FEWEST else None)
    return Figure(rate, None, None, n, 0, 1.0 if n else None, bands[0], bands[1], reason)


def _recovery(history: History, judged: list[int], shortage: str | None) -> Figure:
    failed = [place for place in judged if place in history.failures]
    times = [
        history.deployments[min(mended)].at - history.deployments[place].at
        for place in failed
        if (mended := [other for other in history.failures[place] if other is not None])
    ]
    coverage = len(times) / len(failed) if failed else None
    reason = shortage or ("no_failures" if not failed else None if times else "not_restored")
    band = _band(times, 3600, DAY, 7 * DAY)
    return _of_times(times, len(failed) - len(times), coverage, (band, band), reason)


def _of_times(
    times: Sequence[int],
    excluded: int,
    coverage: float | None,
    bands: tuple[str | None, str | None],
    reason: str | None,
) -> Figure:
    if len(times) < FEWEST:
        return Figure(None, None, None, len(times), excluded, coverage, None, None, reason or "too_few")
    mean = sum(times) / len(times)
    return Figure(percentile(times, 0.5), percentile(times, 0.9), mean, len(times), excluded, coverage, *bands, reason)


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
    asked = ["log", "--no-walk=unsorted", "--stdin", "--format=%H%x00%at%x00%P%x00%B%x00"]
    fields = _git(path, *asked, given="\n".join(hashes)).split("\0")[:-1]
    for commit, authored, parents, message in zip(*[iter(fields)] * 4, strict=True):
        yield commit.lstrip("\n"), Commit(int(authored), tuple(parents.split()), message)


def _git(path: Path, *arguments: str, given: str | None = None) -> str:
    command = ["git", "-C", str(path), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=given).stdout
