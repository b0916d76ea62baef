"""``mart_dora`` equals what one works out by hand from git, for repositories of each shape, whatever happens to them.

All repositories are collected and built together, so that dbt starts once a round. In the first round they are new;
then they grow, and their past is rewritten. At last all is built from nothing, which must give the same tables.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from dora_by_hand import FEWEST, Figure, History, figures_of, percentile, read_history
from equal_builds_support import Warehouse, different, fixture_warehouse, hashes  # noqa: F401
from made_repositories import SHAPES, Made, grow, rewrite

from atlas.collectors.git import collect_repository
from atlas.dora import Explanation, explain, read_figures
from atlas.errors import UsageError
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OF_EACH_SHAPE = 3
ROUNDS = 3
SEED = 8
SELECTION = ("--select", "+mart_dora")


@pytest.fixture(name="repositories")
def fixture_repositories(tmp_path: Path) -> dict[str, Made]:
    """Some of each shape, by name."""
    made = {}
    for number, shape in enumerate(sorted(SHAPES) * OF_EACH_SHAPE):
        name = f"{shape}/{number}"
        made[name] = Made.make(tmp_path / "made" / name, SEED * 1000 + number)
        grow(made[name], shape, 14)
    return made


@pytest.mark.usefixtures("cleared")
def test_every_figure_equals_what_is_worked_out_by_hand(warehouse: Warehouse, repositories: dict[str, Made]) -> None:
    happened: list[str] = []
    histories: dict[str, History] = {}
    for round_ in range(ROUNDS):
        if round_:
            for name, made in repositories.items():
                happened += [rewrite(made) for _ in range(made.chance.randint(1, 3))]
                grow(made, name.split("/")[0], made.chance.choice([0, 1, 4]))
        collect(warehouse, repositories)
        warehouse.build(*SELECTION)
        for name, made in repositories.items():
            before = histories[name].commits if round_ else ()
            histories[name] = read_history(made.path, before)
            assert mismatches(warehouse, name, histories[name]) == [], f"{name}, round {round_}, after {happened}"
        assert enough_is_there(histories)
    assert set(happened) >= {"moved", "deleted", "late", "redated", "lightened", "forced", "all deleted"}

    assert_each_figure_is_explained(warehouse)
    assert_git_confirms_an_explanation(warehouse, repositories)
    assert_the_commands_answer(warehouse, repositories)

    # What was built round by round is what one goes to from nothing, and keeps all of its own rules.
    grown = hashes(warehouse)
    warehouse.build("--select", "+mart_dora", command="test")
    warehouse.build(*SELECTION, "--full-refresh")
    assert different(hashes(warehouse), grown) == []


def collect(warehouse: Warehouse, repositories: dict[str, Made]) -> None:
    sources = load_sources(warehouse.project)
    for name, made in repositories.items():
        made.write_refs()
        collect_repository(warehouse.connection, sources, made.path, name=name)


def mismatches(warehouse: Warehouse, name: str, history: History) -> list[tuple[Any, ...]]:
    """Where the tables say something else than git."""
    numbers: dict[str, int | None] = dict(
        warehouse.connection.execute(
            "select c.commit_hash, d.deployment_number from navigate.fct_commit_deployment as c"
            " left join navigate.fct_deployment as d using (deployment_id) where c.repository = %s",
            [name],
        ).fetchall()
    )
    expected = {commit: place + 1 for commit, place in history.shipped.items()}
    found = [
        ("shipped", commit, expected.get(commit), numbers.get(commit))
        for commit in history.commits
        if commit not in numbers or numbers[commit] != expected.get(commit)
    ]
    rows = warehouse.connection.execute(
        "select period_name, metric, value, p90, mean, n, excluded, coverage, band_2021, band_2023, reason"
        " from navigate.mart_dora where scope = 'repository' and scope_name = %s",
        [name],
    )
    figures = {(period, metric): Figure(*values) for period, metric, *values in rows}
    by_hand = figures_of(history)
    return found + [
        (key, by_hand.get(key), figures.get(key))
        for key in sorted(by_hand | figures)
        if key not in by_hand or key not in figures or not all(map(same, by_hand[key], figures[key]))
    ]


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-9)
    return bool(left == right)


def enough_is_there(histories: dict[str, History]) -> bool:
    """Whether the made repositories have what the rules are about."""
    figures = list(all_figures(histories))
    known = {metric for metric, figure in figures if figure.value is not None}
    reasons = {figure.reason for _, figure in figures}
    return known >= {
        "deployment_frequency",
        "lead_time_for_changes",
        "change_failure_rate",
        "failed_deployment_recovery_time",
    } and reasons >= {"no_deployments", "only_baseline", "no_failures", "too_few", "not_restored", None}


def all_figures(histories: dict[str, History]) -> Iterator[tuple[str, Figure]]:
    for history in histories.values():
        for (_, metric), figure in figures_of(history).items():
            yield metric, figure


def assert_each_figure_is_explained(warehouse: Warehouse) -> None:
    """From the rows that an explanation lists, anybody can make the figure again."""
    explained = 0
    for period in ("all", "quarter"):
        for figure in read_figures(warehouse.connection, period=period):
            if figure["metric"] == "deployment_days_per_week" or figure["starts_on"] is None:
                continue
            key = figure["repository"], figure["metric"], figure["period_name"]
            explanation = explain(warehouse.connection, *key)
            assert explanation.figure == figure
            assert same(made_again(explanation), figure["value"]), key
            explained += figure["value"] is not None
    assert explained > 50


def made_again(explanation: Explanation) -> float | None:
    rows, figure = explanation.rows, explanation.figure
    if figure["metric"] == "deployment_frequency":
        return float(sum(row["status"] == "success" for row in rows))
    if figure["metric"] == "change_failure_rate":
        names = {row["deployment"] for row in rows}
        assert len(names) == figure["n"]
        failed = {row["deployment"] for row in rows if row["evidence"]}
        return len(failed) / len(names) if len(names) >= FEWEST else None
    if figure["metric"] == "lead_time_for_changes":
        times = [row["lead_time_s"] for row in rows if row["counted"] == "counted"]
    else:
        mended = [row for row in rows if row["recovery_s"] is not None]
        least: dict[str, float] = {}
        for row in mended:
            least[row["deployment"]] = min(row["recovery_s"], least.get(row["deployment"], row["recovery_s"]))
        times = list(least.values())
    assert len(times) == figure["n"]
    return percentile(times, 0.5) if len(times) >= FEWEST else None


def assert_git_confirms_an_explanation(warehouse: Warehouse, repositories: dict[str, Made]) -> None:
    """The commands that an explanation ends with say the same as its first row."""
    name = next(name for name in repositories if name.startswith("release_branches"))
    explanation = explain(warehouse.connection, name, "lead-time-for-changes", "all")
    first = explanation.rows[0]
    shown, contained = (
        subprocess.run(command, shell=True, cwd=repositories[name].path, check=True, capture_output=True, text=True)  # noqa: S602
        for command in explanation.checks
    )
    authored_at, commit = shown.stdout.split()
    assert (datetime.fromisoformat(authored_at), commit) == (first["authored_at"], first["commit_hash"])
    deployed_at, tag = contained.stdout.splitlines()[0].split()
    assert (datetime.fromisoformat(deployed_at), tag) == (first["deployed_at"], first["deployment"])


def assert_the_commands_answer(warehouse: Warehouse, repositories: dict[str, Made]) -> None:
    def atlas(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = warehouse.environment | {"ATLAS_PROJECT": str(warehouse.project)}
        command = [sys.executable, "-m", "atlas", "dora", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    shown = atlas()
    assert shown.returncode == 0, shown.stderr
    assert all(name in shown.stdout for name in repositories)
    assert "no deployments" in shown.stdout
    name = next(
        figure["repository"]
        for figure in read_figures(warehouse.connection)
        if figure["metric"] == "failed_deployment_recovery_time" and figure["n"]
    )
    weeks = json.loads(atlas("--repo", name, "--by", "week", "--last", "2", "--json").stdout)
    assert {row["repository"] for row in weeks} == {name}
    assert len({row["period_name"] for row in weeks}) == 2
    explained = atlas("explain", name, "change-failure-rate")
    assert "git tag --contains" in explained.stdout, explained.stdout
    refused = atlas("--by", "year")
    assert refused.returncode == 2
    assert "week, month or quarter" in refused.stderr
    for mistake, sentence in (
        (("another", "lead-time-for-changes", "all"), "No figures of a repository 'another'"),
        ((name, "speed", "all"), "No metric 'speed'"),
        ((name, "lead-time-for-changes", "March"), "named like 2024-W10"),
        ((name, "lead-time-for-changes", "1999-01"), "aren't of that time"),
    ):
        with pytest.raises(UsageError, match=sentence):
            explain(warehouse.connection, *mistake)
    with warehouse.connection.transaction():
        warehouse.connection.execute("set local role atlas_read")
        with pytest.raises(UsageError, match=r"Names of repositories are internal.*atlas roles grant"):
            read_figures(warehouse.connection)
