"""What the runs of landing say: figures, tables and how they stand to the goals."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.report import markdown_table, spread

if TYPE_CHECKING:
    from bench.contestants import Name, Run
    from bench.landing import Measured

TITLES: dict[Name, str] = {
    "atlas": "`atlas land`",
    "again": "`atlas land`, same file again",
    "copy": r"psql `\copy`",
    "dlt": "dlt",
}
GOAL_RECORDS = 1_000_000
LEAST_OF_COPY = 0.6
LEAST_OF_DLT = 10.0
MOST_MEMORY_BYTES = 200e6
MOST_OF_FIRST = 0.05


@dataclass(frozen=True)
class Figure:
    """One figure that has a goal.

    Attributes:
        name: what it is.
        goal: in words.
        value: as measured; None if it wasn't.
        values: of each round, where there are several.
        is_met: whether the goal is; None if it wasn't measured.
        text: the value as people read it.
    """

    name: str
    goal: str
    value: float | None
    values: list[float]
    is_met: bool | None
    text: str


def figures(measured: Measured) -> list[Figure]:
    """The figures that have goals."""
    atlas = measured.of("atlas")
    own = [again.own_s / atlas[number].own_s for number, again in measured.of("again").items()]
    found = [
        _least(r"speed of `atlas land` ÷ speed of `\copy`", LEAST_OF_COPY, _ratios(measured.of("copy"), atlas)),
        _least("speed of `atlas land` ÷ speed of dlt", LEAST_OF_DLT, _ratios(measured.of("dlt"), atlas)),
        _memory(measured.plan.records, max(run.peak_bytes for run in atlas.values())),
        _share("re-landing ÷ first landing, whole commands", _ratios(measured.of("again"), atlas)),
        _share("re-landing ÷ first landing, by their receipts", own),
    ]
    if measured.memory is not None:
        found.insert(3, _memory(measured.memory.records, measured.memory.peak_bytes))
    return found


def as_markdown(measured: Measured) -> str:
    """The tables and what must be known to read them."""
    file, plan = measured.file, measured.plan
    parts = [
        f"{file.count:,} records, {file.size / file.count:.0f} bytes each on average (SHA-256 {file.sha256[:12]}…); "
        f"{plan.rounds} rounds{_dlt_rounds(measured)}; PostgreSQL {measured.postgres}"
        f"{'' if plan.server == 'embedded' else ' (--server)'}{f', dlt {measured.dlt}' if measured.dlt else ''}.",
        _times(measured),
        _goals(measured),
    ]
    parts += [f"Not measured: {TITLES[name]}, {reason}" for name, reason in measured.left_out.items()]
    if file.count != GOAL_RECORDS:
        parts.append(f"The goals are set for {GOAL_RECORDS:,} records; with {file.count:,} they say little.")
    return "\n\n".join(parts)


def as_dict(measured: Measured) -> dict[str, Any]:
    """Everything, for --json."""
    file = measured.file
    return {
        "records": {"count": file.count, "bytes": file.size, "sha256": file.sha256},
        "rounds": measured.plan.rounds,
        "postgres": measured.postgres,
        "dlt": measured.dlt,
        "left_out": measured.left_out,
        "figures": [asdict(figure) for figure in figures(measured)],
        "runs": [asdict(run) for run in measured.runs],
        "memory": None if measured.memory is None else asdict(measured.memory),
    }


def _times(measured: Measured) -> str:
    head = ["", "seconds: median", "min", "max", "records/s", "client's CPU s", "client's peak MB", r"speed ÷ `\copy`"]
    rows = []
    for name, title in TITLES.items():
        runs = measured.of(name)
        if not runs:
            continue
        walls = [run.wall_s for run in runs.values()]
        ratios = [] if name == "again" else _ratios(measured.of("copy"), runs)
        rows.append(
            [
                title,
                *(f"{function(walls):.2f}" for function in (median, min, max)),
                "" if name == "again" else f"{measured.file.count / median(walls):,.0f}",
                f"{median(run.cpu_s for run in runs.values()):.2f}",
                f"{max(run.peak_bytes for run in runs.values()) / 1e6:.0f}",
                f"{median(ratios):.2f}" if ratios else "",
            ]
        )
    return markdown_table(head, rows)


def _goals(measured: Measured) -> str:
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [[figure.name, figure.goal, figure.text, words[figure.is_met]] for figure in figures(measured)]
    return markdown_table(["figure, median of rounds (least to most)", "goal", "measured", ""], rows)


def _dlt_rounds(measured: Measured) -> str:
    done = len(measured.of("dlt"))
    return f", {done} of them with dlt" if measured.dlt and done != measured.plan.rounds else ""


def _ratios(ones: dict[int, Run], others: dict[int, Run]) -> list[float]:
    """How many times longer the ones took than the others, round by round, where both ran."""
    return [run.wall_s / others[number].wall_s for number, run in ones.items() if number in others]


def _least(name: str, goal: float, values: list[float]) -> Figure:
    value = median(values) if values else None
    is_met = None if value is None else value >= goal
    return Figure(name, f"at least {goal:g}", value, values, is_met, spread(values, ".2f"))


def _share(name: str, values: list[float]) -> Figure:
    value = median(values)
    return Figure(name, f"under {MOST_OF_FIRST:.0%}", value, values, value < MOST_OF_FIRST, spread(values, ".1%"))


def _memory(records: int, peak_bytes: int) -> Figure:
    name = f"peak memory of `atlas land`, {records:,} records"
    goal = f"under {MOST_MEMORY_BYTES / 1e6:.0f} MB"
    return Figure(name, goal, peak_bytes, [], peak_bytes < MOST_MEMORY_BYTES, f"{peak_bytes / 1e6:.0f} MB")
