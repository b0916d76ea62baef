"""How well anomalies are found: labelled series, judged run by run as in production, beside a plain 3-sigma."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from statistics import mean, median, stdev
from typing import TYPE_CHECKING, Any

import psycopg

from bench.report import markdown_table, spread
from bench.series import make_series
from bench.server import running_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from bench.series import Series

BASELINE_POINTS = 14
BASELINE_SIGMAS = 3.0
DAYS_PER_MONTH = 30.0
RECALL_GOAL = 0.9
FALSE_ALARMS_GOAL = 1.0
NAMES = {"atlas": "Atlas", "baseline": f"3-sigma over the last {BASELINE_POINTS} points"}


@dataclass
class Score:
    """How one method did on one seed's series.

    Attributes:
        faults: how many there were, by name.
        found: how many of them got an alarm between their first and their last point, by name.
        delays: points from the beginning of each found fault to its alarm.
        alarms: stretches of alarms that began in the judged time.
        false_alarms: those of them that began outside of every fault.
        months: series-months judged.
        why: the false alarms by what their series has, to learn from.
    """

    faults: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    delays: list[int] = field(default_factory=list)
    alarms: int = 0
    false_alarms: int = 0
    months: float = 0.0
    why: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Faults that were found."""
        return self.found.total() / max(1, self.faults.total())

    @property
    def precision(self) -> float:
        """Alarms that began within a fault."""
        return 1 - self.false_alarms / max(1, self.alarms)

    @property
    def false_alarms_per_30_months(self) -> float:
        """False alarms in 30 series-months."""
        return 30 * self.false_alarms / self.months


@dataclass(frozen=True)
class Measured:
    """Both methods on one seed.

    Attributes:
        judging_s: seconds in which the database judged all runs.
        judged: measurements that were judged.
    """

    seed: int
    postgres: str
    scores: dict[str, Score]
    judging_s: float
    judged: int


def measure(
    seeds: Sequence[int], count: int, choice: str, workspace: Path, postgres_bin: Path | None
) -> list[Measured]:
    """Judge ``count`` series of each seed, run by run."""
    found = []
    with running_server(choice, workspace, postgres_bin) as server:
        for seed in seeds:
            with server.fresh_database() as url, psycopg.connect(url, autocommit=True) as connection:
                found.append(_measure_one(connection, seed, count, server.version))
    return found


def _measure_one(connection: psycopg.Connection[Any], seed: int, count: int, postgres: str) -> Measured:
    all_series = make_series(count, seed)
    alarms, judging_s = judged_by_atlas(connection, all_series)
    plain = {series.name: judged_by_baseline(series.values) for series in all_series}
    scores = {"atlas": scored(all_series, alarms), "baseline": scored(all_series, plain)}
    judged = sum(len(series.at) - series.judged_from for series in all_series)
    return Measured(seed, postgres, scores, judging_s, judged)


def judged_by_atlas(
    connection: psycopg.Connection[Any], all_series: Iterable[Series]
) -> tuple[dict[str, set[int]], float]:
    """Load each series' history, then let the database judge each run as it would at its end.

    Nobody gives feedback. What is loaded as history has not been judged.

    Returns:
        For each series the points that are part of an anomaly, and the seconds that judging took.
    """
    runs: set[tuple[datetime, uuid.UUID]] = set()
    index: dict[tuple[str, datetime], int] = {}
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy quality.measurements (run_id, measured_at, table_schema, table_name, column_name, metric, value)"
            " from stdin"
        ) as copy,
    ):
        for series in all_series:
            column = "amount" if series.kind in ("null_share", "distinct_share", "mean") else None
            for number, (at, value) in enumerate(zip(series.at, series.values, strict=True)):
                # One run measures all daily series, another all hourly ones.
                hour = at.replace(minute=0, second=0, microsecond=0)
                run = uuid.UUID(int=series.per_day << 64 | int(hour.timestamp()))
                index[series.name, at] = number
                if number >= series.judged_from:
                    runs.add((hour, run))
                copy.write_row((run, at, "bench", series.name, column, series.kind, value))
    connection.execute("analyze quality.measurements")
    started = time.perf_counter()
    for _, run in sorted(runs):
        connection.execute("select quality.judge_run(%s)", [run])
    seconds = time.perf_counter() - started
    alarms: dict[str, set[int]] = {}
    for name, at in connection.execute(
        "select table_name, measured_at from quality.measurements where verdict = 'anomalous'"
    ).fetchall():
        alarms.setdefault(name, set()).add(index[name, at])
    return alarms, seconds


def judged_by_baseline(values: Sequence[float]) -> set[int]:
    """The points that lie over 3 standard deviations from the mean of the 14 before them."""
    alarms = set()
    for i in range(BASELINE_POINTS, len(values)):
        window = values[i - BASELINE_POINTS : i]
        if abs(values[i] - mean(window)) > BASELINE_SIGMAS * stdev(window):
            alarms.add(i)
    return alarms


def scored(all_series: Iterable[Series], alarms: Mapping[str, set[int]]) -> Score:
    """How alarms, by series, agree with the faults."""
    score = Score()
    for series in all_series:
        _add(score, series, alarms.get(series.name, set()))
    return score


def _add(score: Score, series: Series, alarms: set[int]) -> None:
    # Points in a row are one alarm.
    ordered = sorted(alarms)
    stretches = [[i for _, i in group] for _, group in groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0])]
    for first, *_ in stretches:
        if first < series.judged_from:
            continue
        score.alarms += 1
        if not any(fault.first <= first <= fault.last for fault in series.faults):
            score.false_alarms += 1
            score.why.update([f"{series.kind} {' '.join(series.traits)}"])
    for fault in series.faults:
        score.faults[fault.name] += 1
        within = [i for i in ordered if fault.first <= i <= fault.last]
        if within:
            score.found[fault.name] += 1
            score.delays.append(within[0] - fault.first)
    score.months += (len(series.at) - series.judged_from) / series.per_day / DAYS_PER_MONTH


def as_markdown(measured: Sequence[Measured]) -> str:
    """The results as docs/performance.md shows them: medians over the seeds, with the range."""
    first = measured[0]
    series = first.scores["atlas"]
    seeds = ", ".join(str(one.seed) for one in measured)
    rows = [
        [
            NAMES[name],
            *(
                spread([getattr(one.scores[name], figure) for one in measured], form)
                for figure, form in (("recall", ".3f"), ("precision", ".3f"), ("false_alarms_per_30_months", ".2f"))
            ),
        ]
        for name in NAMES
    ]
    names = sorted({fault for one in measured for fault in one.scores["atlas"].faults})
    faults = [
        [
            fault,
            str(sum(one.scores["atlas"].faults[fault] for one in measured)),
            *(
                f"{sum(one.scores[name].found[fault] for one in measured) / faults:.3f}"
                for name in NAMES
                for faults in [sum(one.scores["atlas"].faults[fault] for one in measured)]
            ),
        ]
        for fault in names
    ]
    delays = sorted(delay for one in measured for delay in one.scores["atlas"].delays)
    met = all(
        one.scores["atlas"].recall >= RECALL_GOAL
        and one.scores["atlas"].false_alarms_per_30_months <= FALSE_ALARMS_GOAL
        for one in measured
    )
    judging = median(one.judging_s / one.judged for one in measured)
    return "\n".join(
        [
            f"PostgreSQL {first.postgres}; seeds {seeds}; each {series.faults.total()} faults or so in "
            f"{series.months:.0f} series-months. Judged in {1000 * judging:.1f} ms a measurement.",
            "",
            markdown_table(
                ["median of seeds (least to most)", "recall", "precision", "false alarms in 30 months"], rows
            ),
            "",
            f"Goal: recall of at least {RECALL_GOAL} at {FALSE_ALARMS_GOAL:g} false alarm at most, for every seed: "
            f"{'met' if met else '**missed**'}.",
            "",
            markdown_table(["found, of all seeds' faults", "faults", "Atlas", "3-sigma"], faults),
            "",
            f"Found after {median(delays):g} points (median), {delays[int(0.9 * len(delays))]} at most for 9 in 10.",
        ]
    )


def as_dict(measured: Sequence[Measured]) -> dict[str, Any]:
    """For --json."""
    return {
        "detection": [
            {
                "seed": one.seed,
                "judging_s": one.judging_s,
                "judged": one.judged,
                "scores": {
                    name: {
                        "recall": score.recall,
                        "precision": score.precision,
                        "false_alarms_per_30_months": score.false_alarms_per_30_months,
                        "faults": dict(score.faults),
                        "found": dict(score.found),
                        "false_alarms": dict(score.why),
                    }
                    for name, score in one.scores.items()
                },
            }
            for one in measured
        ]
    }
