"""The main job as a user runs it: commands as processes, from an empty database to scored tables."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from atlas.cli import app
from figures_again import FEWEST, different_again, of_times, same_number

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg
    from psycopg.rows import TupleRow

DBT = (sys.executable, "-c", "from dbt.cli.main import cli; cli()")
TABLES = (
    "explore.raw_crm__customers",
    "explore.raw_git__commits",
    "explore.quarantine",
    "explore.batches",
    "chart.customer_changes",
    "chart.commit_events",
    "navigate.dim_customer",
    "navigate.fct_commit",
    "navigate.mart_commit_activity",
    "navigate.fct_deployment",
    "navigate.fct_commit_deployment",
    "navigate.mart_dora",
    "pipeline.batches_read",
)


def run(environment: dict[str, str], *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, cwd=cwd, text=True, capture_output=True, check=False, timeout=240)


def atlas(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(environment, sys.executable, "-m", "atlas", *arguments)


def for_dbt(environment: dict[str, str]) -> dict[str, str]:
    """What plain dbt needs to know, as a user's shell learns it."""
    exports = atlas(environment, "env")
    assert exports.returncode == 0
    lines = exports.stdout.splitlines()
    return environment | dict(line.removeprefix("export ").replace("'", "").split("=", 1) for line in lines)


def counts(connection: psycopg.Connection[TupleRow]) -> dict[str, int]:
    found = {}
    for table in TABLES:
        row = connection.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        found[table] = row[0]
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Thirty commits of two people on two branches, merged; seven releases, one of which is taken back in part."""
    path = tmp_path / "sample repository"
    path.mkdir()
    clock = 1_700_000_000

    def git(*arguments: str) -> str:
        nonlocal clock
        clock += 86_400
        name = "Ada" if clock // 86_400 % 2 else "Grace"
        identity = {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": f"{name}@example.org",
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": f"{name}@example.org",
            "GIT_AUTHOR_DATE": f"{clock} +0200",
            "GIT_COMMITTER_DATE": f"{clock} +0200",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "HOME": str(tmp_path),
            "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
        }
        return subprocess.run(
            ["git", *arguments], cwd=path, env=identity, check=True, text=True, capture_output=True
        ).stdout

    git("init", "-q", "-b", "main")
    for number in range(20):
        (path / f"file{number % 5}.txt").write_text(f"line {number}\n" * (number + 1))
        git("add", ".")
        git("commit", "-q", "-m", f"Change {number}")
        if number % 3 == 2:
            git("tag", "-a", f"v0.{number}.0", "-m", "A release")
        if number == 11:
            git("revert", "--no-edit", "HEAD")
    git("checkout", "-q", "-b", "feature", "HEAD~5")
    for number in range(8):
        (path / "feature.txt").write_text(f"{number}\n")
        git("add", ".")
        git("commit", "-q", "-m", f"Feature {number}")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "Merge the feature", "feature")
    git("tag", "-a", "v1.0.0", "-m", "The first")
    return path


@dataclass(frozen=True)
class Release:
    """A release as git has it; times are in seconds since 1970.

    Attributes:
        changes: how long each change waited for it.
        mended: how long until a later release took back something of it; None if none does.
    """

    at: int
    changes: list[int]
    mended: int | None

    @property
    def day(self) -> str:
        return f"{datetime.fromtimestamp(self.at, UTC):%Y-%m-%d}"


def releases_by_git(path: Path) -> list[Release]:
    """All of them, in their order."""

    def git(*arguments: str) -> list[str]:
        done = subprocess.run(["git", *arguments], cwd=path, check=True, text=True, capture_output=True)
        return done.stdout.splitlines()

    tags = [
        line.split() for line in git("tag", "--sort=creatordate", "--format=%(creatordate:unix) %(refname:strip=2)")
    ]
    shipped: list[dict[str, int]] = []
    for place, (_, name) in enumerate(tags):
        earlier = [f"^{other}" for _, other in tags[:place]]
        lines = git("log", "--no-merges", "--format=%H %at", name, *earlier)
        shipped.append({commit: int(at) for commit, at in map(str.split, lines)})
    mended: dict[int, int] = {}
    for place, (at, _) in enumerate(tags):
        texts = [line for commit in shipped[place] for line in git("show", "-s", "--format=%B", commit)]
        taken_back = [line[20:60] for line in texts if line.startswith("This reverts commit ")]
        for failed in range(place):
            if shipped[failed].keys() & set(taken_back):
                mended.setdefault(failed, int(at) - int(tags[failed][0]))
    return [
        Release(int(at), [int(at) - written for written in shipped[place].values()] if place else [], mended.get(place))
        for place, (at, _) in enumerate(tags)
    ]


def assert_each_figure_is_explained(environment: dict[str, str], path: Path) -> None:
    """What each figure's explanation lists comes to the figure, and so does what git says."""

    def explained(*arguments: str) -> Any:
        done = CliRunner().invoke(app, ["dora", *arguments, "--json"], env=environment)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    releases = releases_by_git(path)
    assert len(releases) == 7
    known = set()
    for figure in [*explained(), *explained("--by", "quarter"), *explained("--by", "month")]:
        metric = figure["metric"]
        explanation = explained("explain", figure["scope_name"], metric, figure["period_name"])
        assert explanation["figure"] == figure
        assert different_again(explanation) == {}, figure
        of_then = [release for release in releases if figure["starts_on"] <= release.day <= figure["ends_on"]]
        by_git = figures_by_git(of_then, is_first=of_then[:1] == releases[:1])
        if metric in by_git:
            assert all(same_number(value, figure[column]) for column, value in by_git[metric].items()), figure
        known |= {(metric, "n")} if figure["n"] else set()
        known |= {(metric, "value")} if figure["value"] is not None else set()
    of_statistics = {(metric, "value") for metric in ("lead_time_for_changes", "change_failure_rate")}
    assert known >= of_statistics | {("failed_deployment_recovery_time", "n")}, known


def figures_by_git(releases: list[Release], *, is_first: bool) -> dict[str, dict[str, float | None]]:
    """By metric; a first release is a baseline, which nobody judges."""
    judged = releases[1:] if is_first else releases
    mended = [release.mended for release in judged if release.mended is not None]
    rate = len(mended) / len(judged) if len(judged) >= FEWEST else None
    return {
        "deployment_frequency": {"n": len(releases), "value": len(releases)},
        "lead_time_for_changes": of_times((time for release in judged for time in release.changes), 0),
        "change_failure_rate": {"n": len(judged), "value": rate},
        "failed_deployment_recovery_time": of_times(mended, 0),
    }


def cpu_of_children() -> float:
    """Seconds of the processor that processes took which this one started and which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.usefixtures("cleared")
def test_the_demo_twice_then_the_day_after(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow], repository: Path, project: Path
) -> None:
    before_it = cpu_of_children()
    first = atlas(environment, "demo", "--git", str(repository))
    assert first.returncode == 0, first.stdout + first.stderr
    # Not by the clock, which tells what else the machine is at.
    assert cpu_of_children() - before_it < 60
    assert "Traceback" not in first.stderr
    for expected in (
        "quarantined",
        "navigate.mart_commit_activity",
        "quality.table_scores",
        "navigate.mart_dora",
        "atlas quarantine list",
    ):
        assert expected in first.stdout
    assert "\x1b[" not in first.stdout, "colours in a pipe"
    readers = first.stdout.partition("5. Protect")[2]
    (shown,) = re.findall(r"```\n(as somebody who may read.*?)```", (project / "README.md").read_text(), re.DOTALL)
    assert set(shown.splitlines()) <= set(readers.splitlines()), "the README shows something else"
    assert (readers.count("***"), readers.count("Priya")) == (8, 4), readers

    assert_each_figure_is_explained(environment, repository)

    before = counts(connection)
    assert min(before.values()) > 0, before
    listed = subprocess.run(
        ["git", "rev-list", "--count", "--all"], cwd=repository, check=True, text=True, capture_output=True
    )
    reachable = connection.execute("select count(*) from navigate.fct_commit where is_reachable").fetchone()
    assert reachable == (int(listed.stdout),) == (30,)

    second = atlas(environment, "demo", "--git", str(repository))
    assert second.returncode == 0, second.stdout + second.stderr
    assert counts(connection) == before, "running it again doubled something"

    # The day after: history was rewritten, and only the difference is read.
    for command in (["git", "reset", "-q", "--hard", "HEAD~1"], ["git", "branch", "-q", "-D", "feature"]):
        subprocess.run(command, cwd=repository, check=True)
    subprocess.run(["git", "tag", "-d", "v1.0.0"], cwd=repository, check=True, capture_output=True)
    assert atlas(environment, "collect", "git", str(repository)).returncode == 0
    built = atlas(environment, "build")
    assert built.returncode == 0, built.stdout
    listed = subprocess.run(
        ["git", "rev-list", "--count", "--all"], cwd=repository, check=True, text=True, capture_output=True
    )
    reachable = connection.execute("select count(*) from navigate.fct_commit where is_reachable").fetchone()
    assert reachable == (int(listed.stdout),) == (21,)
    assert connection.execute("select count(*) from navigate.fct_commit").fetchone() == (30,)

    # Built day by day, it must equal what is built from nothing.
    columns = "repository, commit_hash, committed_on, author_id, is_reachable, lines_added, lines_deleted, subject"
    query = f"select {columns} from navigate.fct_commit order by commit_hash"
    day_by_day = connection.execute(query).fetchall()
    customers = connection.execute("select * from navigate.dim_customer order by version_key").fetchall()
    rebuilt = atlas(environment, "build", "--full-refresh")
    assert rebuilt.returncode == 0, rebuilt.stdout
    assert connection.execute(query).fetchall() == day_by_day
    assert connection.execute("select * from navigate.dim_customer order by version_key").fetchall() == customers

    state = json.loads(atlas(environment, "status", "--json").stdout)
    assert {source["source"] for source in state["sources"]} == {"crm.customers", "git.commits", "git.refs"}
    assert [run["status"] for run in state["runs"]] == ["succeeded"] * 4
    runs = connection.execute("select count(distinct run_id) from quality.test_runs").fetchone()
    recorded = connection.execute("select count(*) from pipeline.pipeline_runs").fetchone()
    assert runs == recorded == (4,)

    # Unit tests want the tables that their models read; a build leaves them out.
    assert connection.execute("select count(*) from pipeline.task_runs where kind = 'unit_test'").fetchone() == (0,)
    tested = run(for_dbt(environment), *DBT, "test", "--select", "test_type:unit", cwd=project)
    assert tested.returncode == 0, tested.stdout


def test_plain_dbt_needs_nothing_of_atlas(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow], project: Path
) -> None:
    environment = for_dbt(environment)
    landed = atlas(environment, "land", "crm.customers", str(project / "samples" / "crm.customers"))
    assert landed.returncode == 0, landed.stderr
    built = run(environment, *DBT, "build", "--select", "+dim_customer", cwd=project)
    assert built.returncode == 0, built.stdout
    tested = run(environment, *DBT, "test", "--select", "dim_customer", cwd=project)
    assert tested.returncode == 0, tested.stdout
    runs = connection.execute(
        "select count(distinct run_id), bool_and(rows_tested >= rows_failed) from quality.test_runs"
        " where table_name = 'dim_customer'"
    ).fetchone()
    assert runs == (2, True)


def test_a_build_that_fails_says_so_and_is_on_record(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow]
) -> None:
    unknown = atlas(environment, "build", "--select", "no_such_model", "--nonsense")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("atlas: dbt could not build.")
    assert "Traceback" not in unknown.stdout + unknown.stderr

    assert atlas(environment, "build", "--select", "+dim_customer").returncode == 0
    connection.execute("alter table navigate_base.dim_customer rename to dim_customer_old")
    connection.execute("create table navigate_base.dim_customer (version_key text)")
    connection.execute("insert into navigate_base.dim_customer values ('C-1'), ('C-1')")
    failed = atlas(environment, "build", "--select", "dim_customer", "--exclude-resource-type", "model")
    assert failed.returncode == 1, failed.stdout
    statuses = connection.execute("select status from pipeline.pipeline_runs order by started_at").fetchall()
    assert statuses[-1] == ("failed",)
    row = connection.execute(
        "select rows_tested, rows_failed from quality.test_runs"
        " where table_name = 'dim_customer' and test_name like 'unique%' order by executed_at desc limit 1"
    ).fetchone()
    assert row == (2, 2)


def test_a_run_that_was_killed_is_closed_by_the_next(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "atlas", "build"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 240
    while connection.execute("select count(*) from pipeline.pipeline_runs").fetchone() == (0,):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert atlas(environment, "build", "--select", "crm__customers").returncode == 0
    statuses = connection.execute("select status from pipeline.pipeline_runs order by started_at").fetchall()
    assert statuses == [("interrupted",), ("succeeded",)]
    verified = json.loads(atlas(environment, "audit", "verify", "--json").stdout)
    assert (verified["whole"], verified["unsealed"], verified["compared"]) == (True, 0, 1), "sealed, and the seal kept"


def test_doctor_says_what_to_type(environment: dict[str, str], tmp_path: Path) -> None:
    healthy = atlas(environment, "doctor")
    assert healthy.returncode == 3, "the landing tables aren't there yet"
    assert "Run: atlas migrate" in healthy.stdout
    assert atlas(environment, "migrate").returncode == 0
    healthy = atlas(environment, "doctor")
    assert healthy.returncode == 0, healthy.stdout
    stopped = {name: value for name, value in environment.items() if name != "ATLAS_DATABASE_URL"}
    missing = atlas(stopped | {"ATLAS_HOME": str(tmp_path / "nothing here")}, "doctor")
    assert missing.returncode == 3
    assert "atlas db start" in missing.stdout
