"""Figures of delivery made again from what ``atlas dora explain --json`` lists, and from nothing else."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FEWEST = 5
OWN_TIMES = ("tagger_time", "deployment_status", "job_end")
# Whoever knows of no failure doesn't know that there was none.
BLIND = ("no_incidents_source", "unlinked")


def different_again(explanation: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What comes out otherwise: by column, what the rows come to and what the figure says."""
    figure = explanation["figure"]
    return {
        column: (value, figure[column])
        for column, value in made_again(explanation).items()
        if not same_number(value, figure[column])
    }


def same_number(left: float | None, right: float | None) -> bool:
    """Whether two numbers are one, but for how computers add; of two unknown ones, too."""
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-9)


def made_again(explanation: Mapping[str, Any]) -> dict[str, float | None]:
    """The columns of a figure that its rows tell, by their names."""
    figure, rows = explanation["figure"], explanation["rows"]
    metric = figure["metric"]
    if metric == "deployment_frequency":
        return _frequency(figure, rows)
    if metric == "deployment_days_per_week":
        return _days_per_week(explanation)
    if metric == "change_failure_rate":
        return _failure_rate(figure, rows)
    if metric == "lead_time_for_changes":
        counted = [row["lead_time_s"] for row in rows if row["counted"] == "counted"]
        return of_times(counted, len(rows) - len(counted))
    if metric == "time_to_restore_service":
        ended = [row["restore_s"] for row in rows if row["restore_s"] is not None]
        return of_times(ended, len(rows) - len(ended))
    least: dict[tuple[Any, ...], float] = {}
    for row in rows:
        if row["recovery_s"] is not None:
            least[_deployment(row)] = min(row["recovery_s"], least.get(_deployment(row), math.inf))
    return of_times(least.values(), len({*map(_deployment, rows)}) - len(least))


def of_times(times: Iterable[float], excluded: int) -> dict[str, float | None]:
    """Median, p90 and mean, of five or more."""
    found = list(times)
    told = len(found) >= FEWEST
    return {
        "n": len(found),
        "excluded": excluded,
        "coverage": len(found) / (len(found) + excluded) if found or excluded else None,
        "value": statistics.median(found) if told else None,
        "p90": statistics.quantiles(found, n=10, method="inclusive")[8] if told else None,
        "mean": statistics.fmean(found) if told else None,
    }


def _frequency(figure: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, float | None]:
    shares = [row.get("share", 1) for row in rows if row["status"] == "success"]
    own_times = [row["evidence"] in OWN_TIMES for row in rows]
    return {
        "n": len(shares),
        "excluded": 0,
        "coverage": sum(own_times) / len(rows) if rows else None,
        "value": None if figure["reason"] == "no_deployments" else sum(shares),
        "p90": None,
        "mean": None,
    }


def _days_per_week(explanation: Mapping[str, Any]) -> dict[str, float | None]:
    """The median over the weeks from the first success ever to the last whose Thursday lies in the period."""
    figure, rows = explanation["figure"], explanation["rows"]
    days = {_day(row["deployed_at"]) for row in rows if "value" in row["counts_for"]}
    weeks = []
    if explanation["first_success_on"] is not None:
        week, last = (_thursday(date.fromisoformat(explanation[f"{end}_success_on"])) for end in ("first", "last"))
        while week <= last:
            if figure["period_name"] == "all" or figure["starts_on"] <= week.isoformat() <= figure["ends_on"]:
                weeks.append(len([day for day in days if _thursday(day) == week]))
            week += timedelta(weeks=1)
    assert sum(weeks) == len(days), "a success in no week of the period"
    return {
        "n": len([row for row in rows if "n" in row["counts_for"].split(", ")]),
        "excluded": 0,
        "value": statistics.median(weeks) if weeks else None,
        "p90": None,
        "mean": None,
    }


def _failure_rate(figure: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, float | None]:
    shares = {_deployment(row): row.get("share", 1) for row in rows}
    failed = {_deployment(row) for row in rows if row["evidence"]}
    told = len(shares) >= FEWEST and figure["reason"] not in BLIND
    assert not (failed and figure["reason"] in BLIND)
    return {
        "n": len(shares),
        "excluded": 0,
        "value": sum(shares[key] for key in failed) / sum(shares.values()) if told else None,
        "p90": None,
        "mean": None,
    }


def _deployment(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Names don't tell deployments apart: a branch's is that of many."""
    return row.get("repository"), row["number"]


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(UTC).date()


def _thursday(day: date) -> date:
    return day + timedelta(days=4 - day.isoweekday())
