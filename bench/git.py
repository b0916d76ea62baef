"""`atlas collect git`: how long a repository's whole history takes, from git to the landing tables."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from psycopg import sql

from bench.errors import BenchError
from bench.report import markdown_table
from bench.server import ROOT, Server, count_rows, running_server
from bench.timing import Timing, clean_environment, time_command

GOAL = "10,000 commits in under 30 s"


@dataclass(frozen=True)
class Collected:
    """A repository's collections, each into a fresh database.

    Attributes:
        repository: the name that it was filed under.
        commits: that `git rev-list --count --all` counts, and that landed.
        refs: branches and tags that landed.
        walls_s: seconds of each collection, as whole commands.
        again_s: seconds of the last database's second collection, when nothing had changed.
        peak_bytes: the largest resident set of the commands and of the gits that they started.
    """

    repository: str
    commits: int
    refs: int
    walls_s: list[float]
    again_s: float
    peak_bytes: int


def measure(
    paths: list[Path], rounds: int, choice: str, workspace: Path, postgres_bin: Path | None
) -> tuple[str, list[Collected]]:
    """Collect each repository ``rounds`` times; also returns the server's version.

    Raises:
        BenchError: one of them can't be collected, or another number of commits landed than git counts.
    """
    with running_server(choice, workspace, postgres_bin) as server:
        return server.version, [_collect(server, path, rounds, workspace) for path in paths]


def as_markdown(version: str, collected: list[Collected]) -> str:
    """A table, a row for each repository."""
    head = ["repository", "commits", "refs", "runs", "seconds: median", "min", "max", "commits/s", "peak MB", "again s"]
    rows = [
        [
            one.repository,
            f"{one.commits:,}",
            f"{one.refs:,}",
            f"{len(one.walls_s)}",
            *(f"{function(one.walls_s):.2f}" for function in (median, min, max)),
            f"{one.commits / median(one.walls_s):,.0f}",
            f"{one.peak_bytes / 1e6:.0f}",
            f"{one.again_s:.2f}",
        ]
        for one in collected
    ]
    checked = "The commits that landed are as many as `git rev-list --count --all` counts: the benchmark fails if not."
    return f"PostgreSQL {version}. {checked}\n\n{markdown_table(head, rows)}\n\nGoal: {GOAL}."


def as_dict(version: str, collected: list[Collected]) -> dict[str, Any]:
    """Everything, for --json."""
    return {"postgres": version, "repositories": [asdict(one) for one in collected]}


def _collect(server: Server, path: Path, rounds: int, workspace: Path) -> Collected:
    expected = count_commits(path)
    timings: list[Timing] = []
    for number in range(1, rounds + 1):
        with server.fresh_database() as url:
            timing, receipt = run_collection(path, url, workspace)
            print(f"{path.name}, round {number} of {rounds}: {timing.wall_s:.2f} s", file=sys.stderr, flush=True)
            landed = count_rows(url, sql.Identifier("explore", "raw_git__commits"))
            if not landed == receipt["commits"]["accepted"] == expected:
                raise BenchError(
                    f"{path}: git counts {expected:,} commits, the receipt {receipt['commits']['accepted']:,}, the "
                    f"landing table {landed:,}: the time doesn't count."
                )
            timings.append(timing)
            again, _ = run_collection(path, url, workspace)
    return Collected(
        repository=receipt["repository"],
        commits=expected,
        refs=receipt["refs"]["accepted"],
        walls_s=[timing.wall_s for timing in timings],
        again_s=again.wall_s,
        peak_bytes=max(timing.peak_bytes for timing in timings),
    )


def run_collection(path: Path, url: str, workspace: Path) -> tuple[Timing, dict[str, Any]]:
    """Collect a repository, as a command; also returns the receipt that it prints."""
    environment = clean_environment(ATLAS_DATABASE_URL=url, ATLAS_PROJECT=str(ROOT))
    timing = time_command([sys.executable, "-m", "atlas", "collect", "git", path, "--json"], environment, workspace)
    (receipt,) = json.loads(timing.output)
    return timing, receipt


def count_commits(path: Path) -> int:
    """How many commits git finds in all branches and tags.

    Raises:
        BenchError: git can't read the repository; says why.
    """
    # What one user may read of another's repository is git's own rule; it says so.
    command = ["git", "-C", str(path), "rev-list", "--count", "--all"]
    counted = subprocess.run(command, check=False, capture_output=True, text=True)
    if counted.returncode != 0:
        raise BenchError(f"{path}: {counted.stderr.strip()}")
    return int(counted.stdout)
