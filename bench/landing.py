"""Landing a file, beside what one would use instead; see docs/performance.md."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.contestants import CONTESTANTS, Name, Run, Workbench, atlas
from bench.environments import DLT, python_of, version_of
from bench.errors import BenchError
from bench.records import RecordsFile, records_file
from bench.server import running_server

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

WARM_UP_RECORDS = 1_000


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        records: in the file.
        rounds: how often each contestant runs.
        dlt_rounds: the same for dlt, which is slow.
        memory_at: land a file of so many records, too, once, for its peak of memory.
        server: ``embedded`` or a URI.
        without: contestants to leave out.
    """

    records: int
    rounds: int
    dlt_rounds: int
    memory_at: int | None
    server: str
    without: Collection[Name]
    postgres_bin: Path | None


@dataclass(frozen=True)
class Measured:
    """What came of it.

    Attributes:
        runs: those of ``file``, in the order in which they ran.
        memory: the one with ``memory_at`` records.
        left_out: contestants that didn't run, with the reason.
    """

    plan: Plan
    file: RecordsFile
    postgres: str
    dlt: str | None
    runs: list[Run]
    memory: Run | None
    left_out: dict[Name, str]

    def of(self, contestant: Name) -> dict[int, Run]:
        """A contestant's runs by round."""
        return {run.number: run for run in self.runs if run.contestant == contestant}


def measure(plan: Plan, cache: Path, workspace: Path) -> Measured:
    """Run everything that the plan names.

    Args:
        plan: what to measure.
        cache: keeps the files of records and dlt's environment from one call to the next.
        workspace: an empty directory on a disk.

    Raises:
        BenchError: a contestant failed, or left another number of rows than it should have.
    """
    left_out: dict[Name, str] = dict.fromkeys(plan.without, "left out on request")
    dlt = None
    if "dlt" not in left_out:
        try:
            _say(f"Looking for dlt {version_of(DLT)}, or installing it")
            dlt = python_of(DLT, cache)
        except BenchError as error:
            # Installers may name private addresses, which have no place in a document.
            left_out["dlt"] = "it could not be installed"
            _say(f"{error} Going on without it.")
    _say(f"Looking for a file of {plan.records:,} records, or making it")
    file = records_file(cache, plan.records)
    with running_server(plan.server, workspace, plan.postgres_bin) as server:
        bench = Workbench(server, workspace, plan.postgres_bin, dlt)
        _warm_up(bench, records_file(cache, WARM_UP_RECORDS), left_out)
        runs = [run for runs in _rounds(plan, bench, file, left_out) for run in runs]
        memory = None
        if plan.memory_at is not None:
            _say(f"Landing {plan.memory_at:,} records for their peak of memory")
            memory = atlas(bench, records_file(cache, plan.memory_at), 1)[0]
            _say_run(memory)
    return Measured(plan, file, server.version, None if dlt is None else version_of(DLT), runs, memory, left_out)


def _warm_up(bench: Workbench, file: RecordsFile, left_out: Collection[Name]) -> None:
    """Run everyone once, uncounted: what a first start has to compile, later ones find compiled."""
    _say(f"Warming up with {file.count:,} records")
    for name, contestant in CONTESTANTS.items():
        if name not in left_out:
            contestant(bench, file, 0)


def _rounds(plan: Plan, bench: Workbench, file: RecordsFile, left_out: Collection[Name]) -> Iterator[list[Run]]:
    """Everyone's first run, then everyone's second: so what the machine does meanwhile hits all alike."""
    for number in range(1, plan.rounds + 1):
        _say(f"Round {number} of {plan.rounds}")
        for name, contestant in CONTESTANTS.items():
            if name in left_out or (name == "dlt" and number > plan.dlt_rounds):
                continue
            file.warm()
            runs = contestant(bench, file, number)
            for run in runs:
                _say_run(run)
            yield runs


def _say_run(run: Run) -> None:
    _say(f"  {run.contestant:<6} {run.wall_s:8.2f} s {run.cpu_s:8.2f} s CPU {run.peak_bytes / 1e6:6.0f} MB")


def _say(text: str) -> None:
    """Progress goes to standard error; standard output is for the results."""
    print(text, file=sys.stderr, flush=True)
