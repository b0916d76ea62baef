"""Whole repositories, from git to the DORA metrics, checked by git; see docs/performance.md."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from bench.errors import BenchError
from bench.git import count_commits, run_collection
from bench.report import markdown_table
from bench.server import ROOT, Server, running_server
from bench.timing import clean_environment, time_command

if TYPE_CHECKING:
    from pathlib import Path

COUNTED = """
    select
        (select count(*) from navigate_base.fct_commit),
        (select count(*) from navigate_base.fct_commit where is_reachable),
        (select count(*) from navigate_base.fct_deployment),
        (select coalesce(sum(commits + merge_commits), 0) from navigate_base.fct_deployment),
        (select count(*) from navigate_base.mart_dora)
"""


@dataclass(frozen=True)
class Built:
    """A repository, collected and built into fresh databases.

    Attributes:
        repository: the name of its directory.
        commits: as many as `git rev-list --count --all` says.
        branches, tags: that git has.
        deployments: tags that are releases by the project's rule.
        shipped: commits in them: as many as `git rev-list --count` says of their commits.
        figures: rows of mart_dora.
        collect_s, build_s: seconds of the commands `atlas collect git` and `atlas build` (with all tests), by round.
        again_s: seconds of both together, when nothing had changed, by round.
        database_bytes: of the database after it all, the last round's.
    """

    repository: str
    commits: int
    branches: int
    tags: int
    deployments: int
    shipped: int
    figures: int
    collect_s: list[float]
    build_s: list[float]
    again_s: list[float]
    database_bytes: int


def measure(
    paths: list[Path], rounds: int, choice: str, workspace: Path, postgres_bin: Path | None
) -> tuple[str, list[Built]]:
    """Collect and build each repository ``rounds`` times; also returns the server's version.

    Raises:
        BenchError: a command fails, or git counts other commits than the tables.
    """
    with running_server(choice, workspace, postgres_bin) as server:
        return server.version, [_measure(server, path, rounds, workspace) for path in paths]


def as_markdown(version: str, built: list[Built]) -> str:
    """A table, a row for each repository."""
    head = [
        "repository",
        "commits",
        "branches",
        "tags",
        "deployments",
        "commits shipped",
        "figures",
        "collect s",
        "build s",
        "both again s",
        "database MB",
    ]
    rows = [
        [
            one.repository,
            *(f"{n:,}" for n in (one.commits, one.branches, one.tags, one.deployments, one.shipped, one.figures)),
            *(f"{median(seconds):.1f}" for seconds in (one.collect_s, one.build_s, one.again_s)),
            f"{one.database_bytes / 1e6:.0f}",
        ]
        for one in built
    ]
    return (
        f"PostgreSQL {version}; rounds: {len(built[0].collect_s)}, each in a fresh database (medians). The commits are "
        "as many as `git rev-list --count --all` counts, those shipped as many as `git rev-list --count` counts of the "
        f"deployments' commits: the benchmark fails if not.\n\n{markdown_table(head, rows)}"
    )


def as_dict(version: str, built: list[Built]) -> dict[str, Any]:
    """Everything, for --json."""
    return {"postgres": version, "repositories": [asdict(one) for one in built]}


def _measure(server: Server, path: Path, rounds: int, workspace: Path) -> Built:
    collect_s, build_s, again_s = [], [], []
    for number in range(1, rounds + 1):
        with server.fresh_database() as url:
            collection, _ = run_collection(path, url, workspace)
            collect_s.append(collection.wall_s)
            build_s.append(_build(url, workspace))
            once_more, _ = run_collection(path, url, workspace)
            again_s.append(once_more.wall_s + _build(url, workspace))
            said = f"collected in {collect_s[-1]:.1f} s, built in {build_s[-1]:.1f} s, again {again_s[-1]:.1f} s"
            print(f"{path.name}, round {number} of {rounds}: {said}", file=sys.stderr, flush=True)
            commits, deployments, shipped, figures = _check(path, url)
            size = _one(url, "select pg_database_size(current_database())")[0]
    return Built(
        path.name,
        commits,
        len(_git(path, "for-each-ref", "refs/heads").splitlines()),
        len(_git(path, "for-each-ref", "refs/tags").splitlines()),
        deployments,
        shipped,
        figures,
        collect_s,
        build_s,
        again_s,
        size,
    )


def _build(url: str, workspace: Path) -> float:
    environment = clean_environment(
        ATLAS_DATABASE_URL=url, ATLAS_PROJECT=str(ROOT), ATLAS_HOME=str(workspace / "atlas")
    )
    return time_command([sys.executable, "-m", "atlas", "build", "--quiet"], environment, workspace).wall_s


def _check(path: Path, url: str) -> tuple[int, int, int, int]:
    """What the tables hold: commits, deployments, commits in these, figures."""
    commits, reachable, deployments, counted, figures = map(int, _one(url, COUNTED))
    expected = count_commits(path)
    if not commits == reachable == expected:
        raise BenchError(f"{path}: git counts {expected:,} commits, the tables {commits:,}, {reachable:,} reachable.")
    with psycopg.connect(url) as connection:
        query = b"select commit_hash from navigate_base.fct_deployment where is_commit_known"
        deployed = [commit for (commit,) in connection.execute(query).fetchall()]
    shipped = int(_git(path, "rev-list", "--count", "--stdin", given="\n".join(deployed))) if deployed else 0
    if counted != shipped:
        raise BenchError(f"{path}: git counts {shipped:,} commits in what was deployed, the tables {counted:,}.")
    return commits, deployments, shipped, figures


def _one(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchone()


def _git(path: Path, *arguments: str, given: str | None = None) -> str:
    done = subprocess.run(
        ["git", "-C", str(path), *arguments], check=False, capture_output=True, text=True, input=given
    )
    if done.returncode != 0:
        raise BenchError(f"{path}: {done.stderr.strip()}")
    return done.stdout
