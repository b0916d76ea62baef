"""The first deployment that contains each commit, at scale; see docs/performance.md."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from atlas.collectors.git import collect_repository
from atlas.sources import load_sources
from bench.dbt_project import dbt_on
from bench.errors import BenchError
from bench.report import markdown_table
from bench.server import ROOT, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.server import Server

ANCESTRY = "fct_commit_deployment"
SIZES = ((9_000, 650), (100_000, 1_000))
GOALS = {9_000: 10, 100_000: 120}
MOST_MEMORY = 2**30
CHECKED_DEPLOYMENTS = 25
REVERTS = 50
BUILT = ("--select", "+mart_dora", "--resource-type", "seed", "--resource-type", "model")


class Step(NamedTuple):
    """A build after something has happened.

    Attributes:
        what: happened.
        given: commits that were given to another deployment than before.
        ancestry_s: seconds of the model that finds the first deployments.
        models_s: seconds from the first of the models up to mart_dora to the last.
        memory_bytes: the most that the server's processes had of their own at once; None where that can't be told.
    """

    what: str
    given: int
    ancestry_s: float
    models_s: float
    memory_bytes: int | None


@dataclass(frozen=True)
class Measured:
    """A made repository, and its builds one after the other; ``planned`` are the commits that were asked for."""

    planned: int
    commits: int
    tags: int
    merges: int
    steps: list[Step]


def measure(sizes: list[tuple[int, int]], choice: str, workspace: Path, postgres_bin: Path | None) -> Any:
    """Build each size from nothing, then with a new tag, a late, a moved and a deleted one.

    Raises:
        BenchError: dbt fails, or git says something else of what was shipped.
    """
    with running_server(choice, workspace, postgres_bin) as server:
        measured = []
        for commits, tags in sizes:
            path = workspace / f"made-{commits}"
            _make_repository(path, commits, tags)
            measured.append(_measure(server, path, commits))
        return server.version, measured


def as_markdown(version: str, measured: list[Measured]) -> str:
    """A table for each size, and whether the goals are met."""
    parts = [f"PostgreSQL {version}."]
    for one in measured:
        rows = [
            [
                step.what,
                f"{step.given:,}",
                f"{step.ancestry_s:.2f}",
                f"{step.models_s:.2f}",
                "—" if step.memory_bytes is None else f"{step.memory_bytes / 1e6:.0f}",
            ]
            for step in one.steps
        ]
        head = ["build", "commits given", "ancestry s", "all models s", "memory MB"]
        parts += [
            f"{one.commits:,} commits ({one.merges:,} merges), {one.tags:,} releases:",
            markdown_table(head, rows),
        ]
        if one.planned in GOALS:
            first = one.steps[0]
            met = first.models_s <= GOALS[one.planned] and (first.memory_bytes or 0) <= MOST_MEMORY
            goal = f"the first build in under {GOALS[one.planned]} s and 1 GiB"
            parts.append(f"Goal: {goal}: {'met' if met else '**missed**'}.")
    return "\n\n".join(parts)


def as_dict(version: str, measured: list[Measured]) -> dict[str, Any]:
    """Everything, for --json."""
    sizes = [asdict(one) | {"steps": [step._asdict() for step in one.steps]} for one in measured]
    return {"postgres": version, "repositories": sizes}


def _measure(server: Server, path: Path, planned: int) -> Measured:
    tags = _git(path, "for-each-ref", "--sort=creatordate", "--format=%(refname:strip=2)", "refs/tags").split()
    middle, late = tags[len(tags) // 2], tags[len(tags) // 2 + 3]
    with server.fresh_database() as url, dbt_on(url, ROOT):
        steps = [_build(url, path, "from nothing")]
        _check(url, path)
        steps.append(_build(url, path, "nothing new"))
        head = _commits_more(path, 20)
        _tag(path, "v999.0.0", head, _git(path, "log", "-1", "--format=%ct", head).strip())
        steps.append(_build(url, path, "a new tag, 20 commits"))
        # Half a second before the one whose commit it takes.
        moment = int(_git(path, "log", "-1", "--format=%ct", late).strip()) - 1
        _tag(path, "v998.0.0", f"{late}^{{commit}}", str(moment))
        steps.append(_build(url, path, "a late tag between two others"))
        _git(path, "update-ref", "-d", f"refs/tags/{middle}")
        steps.append(_build(url, path, "a tag deleted"))
        _tag(path, "v998.0.0", f"{tags[len(tags) // 4]}^{{commit}}~1", str(moment))
        steps.append(_build(url, path, "a tag moved"))
        _check(url, path)
        commits, merges = _one(url, "select count(*), count(*) filter (where is_merge) from navigate_base.fct_commit")
    return Measured(planned, commits, len(tags), merges, steps)


def _build(url: str, path: Path, what: str) -> Step:
    """Collect, and run dbt."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    sources = load_sources(ROOT)
    with psycopg.connect(url, autocommit=True) as connection:
        collect_repository(connection, sources, path, name="made")
    with _Memory(url) as memory:
        outcome = dbtRunner().invoke(["--quiet", "build", *BUILT])
    if not outcome.success:
        raise BenchError(f"dbt could not build. {outcome.exception or outcome.result}")
    results: Any = outcome.result
    ancestry = next(result for result in results if result.node.name == ANCESTRY)
    spans = [span for result in results for span in result.timing if result.node.resource_type != "operation"]
    took = max(span.completed_at for span in spans) - min(span.started_at for span in spans)
    given = ancestry.adapter_response["rows_affected"]
    step = Step(what, given, ancestry.execution_time, took.total_seconds(), memory.most)
    print(f"{path.name}, {what}: {step.ancestry_s:.2f} s of {step.models_s:.2f} s", file=sys.stderr, flush=True)
    return step


class _Memory:
    """The most memory that the server's processes had of their own at once, looked at twenty times a second."""

    def __init__(self, url: str) -> None:
        self.most: int | None = None
        self._url = url
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._done.wait(0.05):
                pids = [pid for (pid,) in connection.execute("select pid from pg_stat_activity").fetchall()]
                if (now := sum(map(_private_bytes, pids))) > (self.most or 0):
                    self.most = now


def _private_bytes(pid: int) -> int:
    """What a server's process doesn't share with the others; 0 unless it runs here, under Linux."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    is_here = status.get("Name", "").strip() == "postgres" and "RssAnon" in status
    return int(status["RssAnon"].split()[0]) * 1024 if is_here else 0


def _check(url: str, path: Path) -> None:
    """Fail unless git counts the same commits for some of the deployments, and in all."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select deployment_number, commit_hash, commits + merge_commits"
            " from navigate_base.fct_deployment order by 1"
        ).fetchall()
    shipped = int(_git(path, "rev-list", "--count", "--tags").strip())
    if sum(count for _, _, count in rows) != shipped:
        raise BenchError(f"git says that {shipped:,} commits were shipped, the tables say something else.")
    for place in random.Random(1).sample(range(len(rows)), min(CHECKED_DEPLOYMENTS, len(rows))):  # noqa: S311
        earlier = "".join(f"^{commit}\n" for _, commit, _ in rows[:place])
        _, commit, count = rows[place]
        counted = int(_git(path, "rev-list", "--count", "--stdin", given=f"{commit}\n{earlier}").strip())
        if counted != count:
            raise BenchError(f"git counts {counted:,} commits that {commit} ships, the tables {count:,}.")


def _one(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchone()


def _make_repository(path: Path, commits: int, tags: int) -> None:
    """A main branch with merged side branches and release branches that live on; from a seed."""
    _git(path.parent, "init", "-q", "--bare", "-b", "main", str(path))
    stream = "".join(_stream(random.Random(commits), commits, tags))  # noqa: S311
    _git(path, "fast-import", "--quiet", given=stream)
    _commits_more(path, REVERTS)


def _stream(chance: random.Random, commits: int, tags: int) -> Iterator[str]:
    clock, made, tagged = 1_300_000_000, 0, 0
    heads: dict[str, int] = {}
    releases: list[str] = []

    def commit(branch: str, start: int | None = None, merged: int | None = None) -> str:
        nonlocal clock, made
        clock += chance.randrange(600, 7200)
        made += 1
        parent = heads.get(branch) if start is None else start
        heads[branch] = made
        who = f"A <a@x> {clock - chance.randrange(0, 500_000)} +0000\ncommitter C <c@x> {clock} +0000"
        text = f"Change {made}"
        lines = [f"commit refs/heads/{branch}\nmark :{made}\nauthor {who}\ndata {len(text)}\n{text}\n"]
        lines += [f"from :{parent}\n"] if parent else []
        lines += [f"merge :{merged}\n"] if merged else []
        return "".join(lines)

    yield commit("main")
    while made < commits:
        if chance.random() < 0.3:
            yield commit("side", start=heads["main"])
            for _ in range(chance.randrange(1, 5)):
                yield commit("side")
            yield commit("main", merged=heads["side"])
        else:
            yield commit("main")
        if chance.random() < 0.02 and len(releases) < 40:
            releases.append(f"release/{len(releases)}")
            yield commit(releases[-1], start=heads["main"])
        branch = chance.choice(releases) if releases and chance.random() < 0.1 else "main"
        if branch != "main":
            yield commit(branch)
        while tagged < tags and tagged * commits <= made * tags:
            tagged += 1
            yield f"tag v{tagged}.0.0\nfrom :{heads[branch]}\ntagger T <t@x> {clock} +0000\ndata 0\n\n"


def _commits_more(path: Path, count: int) -> str:
    """Add commits to main, each of which takes back one of the last."""
    head = _git(path, "rev-parse", "refs/heads/main").strip()
    at = int(_git(path, "log", "-1", "--format=%ct", head).strip())
    for number in range(count):
        made = ["commit-tree", f"{head}^{{tree}}", "-p", head]
        taken_back = _git(path, "rev-parse", f"{head}~{5 * number + 40}").strip()
        head = _git(path, *made, given=f"Revert\n\nThis reverts commit {taken_back}.\n", at=str(at + number)).strip()
    _git(path, "update-ref", "refs/heads/main", head)
    return head


def _tag(path: Path, name: str, target: str, at: str) -> None:
    _git(path, "tag", "-f", "-a", "-m", name, name, target, at=at)


def _git(path: Path, *arguments: str, given: str | None = None, at: str = "1300000000") -> str:
    who = ("NAME", "bench"), ("EMAIL", "bench@x"), ("DATE", f"{at} +0000")
    identity = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in who}
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    } | identity
    done = subprocess.run(
        ["git", "-C", str(path), *arguments], check=False, capture_output=True, text=True, input=given, env=environment
    )
    if done.returncode != 0:
        raise BenchError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
