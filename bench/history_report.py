"""The results of ``bench.history``, as tables and for --json."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.history import CHANGES, DBT, SNAPSHOTS, STEPS
from bench.report import markdown_table, spread

if TYPE_CHECKING:
    from bench.history import Measured

# How many times as fast as dbt's snapshot, in the database; for the first load, how many times its time at most.
GOALS = {
    (CHANGES, "0 % changed"): 50.0,
    (CHANGES, "1 % changed"): 6.0,
    (CHANGES, "10 % changed"): 1.5,
    (SNAPSHOTS, "0 % changed"): 1.5,
}
FIRST_LOAD_AT_MOST = 4.0
GROWTH_AT_MOST = 1.2


def as_markdown(all_measured: list[Measured]) -> str:
    """A block for docs/performance.md: times, then what they say of the goals."""
    parts = []
    for measured in all_measured:
        rounds = f"{measured.plan.rounds} round{'s' if measured.plan.rounds > 1 else ''}"
        parts.append(f"{measured.plan.keys:,} keys, {rounds}, PostgreSQL {measured.server_version}:")
        parts.append(_times(measured))
        parts.append(_goals(measured))
    return "\n\n".join(parts)


def as_dict(all_measured: list[Measured]) -> dict[str, Any]:
    """Every run, for --json."""
    return {
        "sizes": [
            {
                "keys": measured.plan.keys,
                "postgres": measured.server_version,
                "runs": [
                    {"contestant": contestant, "step": step, "taken": [asdict(one) for one in taken]}
                    for (contestant, step), taken in measured.runs.items()
                ],
                "growth": [asdict(one) for one in measured.growth],
            }
            for measured in all_measured
        ]
    }


def _times(measured: Measured) -> str:
    head = ["seconds in the database: median (least to most)", *(name for name, _ in STEPS), "whole command at 1 %"]
    rows = []
    for contestant in (CHANGES, SNAPSHOTS, DBT):
        times = [[one.database_s for one in measured.runs[contestant, name]] for name, _ in STEPS]
        command = median([one.command_s for one in measured.runs[contestant, "1 % changed"]])
        rows.append([contestant, *(spread(one, ".2f") for one in times), f"{command:.1f}"])
    return markdown_table(head, rows)


def _goals(measured: Measured) -> str:
    rows = []
    for contestant in (CHANGES, SNAPSHOTS):
        times = _ratios(measured, contestant, "first load")
        ratios = [1 / one for one in times]
        rows.append(_row(f"{contestant}: first load ÷ dbt snapshot's", ratios, FIRST_LOAD_AT_MOST, at_most=True))
    for (contestant, step), goal in GOALS.items():
        rows.append(_row(f"{contestant}: speed ÷ dbt snapshot's, {step}", _ratios(measured, contestant, step), goal))
    if len(measured.growth) > 1:
        # The second, for the first one after the round still finds what 10 % have left behind.
        second, last = measured.growth[1].database_s, measured.growth[-1].database_s
        rows.append(
            _row(f"run {len(measured.growth)} ÷ run 2 of 1 % changes", [last / second], GROWTH_AT_MOST, at_most=True)
        )
    return markdown_table(["figure, median of rounds (least to most)", "goal", "measured", ""], rows)


def _row(what: str, values: list[float], goal: float, *, at_most: bool = False) -> list[str]:
    met = median(values) <= goal if at_most else median(values) >= goal
    bound = "at most" if at_most else "at least"
    return [what, f"{bound} {goal:g}", spread(values, ".2f"), "met" if met else "**missed**"]


def _ratios(measured: Measured, contestant: str, step: str) -> list[float]:
    """How many times as fast as dbt's snapshot, round by round."""
    pairs = zip(measured.runs[contestant, step], measured.runs[DBT, step], strict=True)
    return [theirs.database_s / ours.database_s for ours, theirs in pairs]
