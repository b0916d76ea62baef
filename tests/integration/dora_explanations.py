"""Whether ``atlas dora`` and its explanations say what the tables have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from by_hand.metrics import FEWEST, percentile, same

from atlas.dora import Explanation, explain, read_figures
from atlas.errors import UsageError

if TYPE_CHECKING:
    from equal_builds_support import Warehouse
    from made_repositories import Made


def assert_each_figure_is_explained(warehouse: Warehouse) -> None:
    """From the rows that an explanation lists, anybody can make the figure again."""
    explained: Counter[str] = Counter()
    successes: dict[tuple[str, str], list[date]] = {}
    for scope, period in (
        ("repository", "all"),
        ("repository", "quarter"),
        ("repository", "month"),
        ("organisation", "all"),
        ("team", "all"),
    ):
        for figure in read_figures(warehouse.connection, scope=scope, period=period):
            if figure["starts_on"] is None:
                continue
            key = figure["scope_name"], figure["metric"], figure["period_name"]
            explanation = explain(warehouse.connection, *key, scope=scope)
            assert explanation.figure == figure
            if figure["metric"] == "deployment_days_per_week":
                days = [row["deployed_at"].astimezone(UTC).date() for row in explanation.rows]
                ever = successes.setdefault((scope, figure["scope_name"]), days)
                value = days_per_week(days, ever, figure)
            else:
                value = made_again(explanation)
            assert same(value, figure["value"]), key
            explained[scope] += figure["value"] is not None
    assert explained["repository"] > 50
    assert explained["organisation"] > 10
    assert explained["team"] > 10


def days_per_week(days: list[date], ever: list[date], figure: dict[str, Any]) -> float | None:
    """The median over the weeks from the first success ``ever`` to the last whose Thursday lies in the period."""
    thursdays = {day: day + timedelta(days=4 - day.isoweekday()) for day in {*days, *ever}}
    weeks = [thursdays[min(ever)] + timedelta(weeks=n) for n in range(800)]
    whole = figure["period_name"] == "all"
    counted = [
        len({day for day in days if thursdays[day] == week})
        for week in weeks
        if week <= thursdays[max(ever)] and (whole or figure["starts_on"] <= week <= figure["ends_on"])
    ]
    assert sum(counted) == len(set(days))
    return percentile(counted, 0.5) if counted else None


def made_again(explanation: Explanation) -> float | None:
    rows, figure = explanation.rows, explanation.figure
    if figure["metric"] == "deployment_frequency":
        if figure["reason"] == "no_deployments":
            return None
        return float(sum(row.get("share", 1) for row in rows if row["status"] == "success"))
    if figure["metric"] == "change_failure_rate":
        shares = {deployment_in(row): row.get("share", 1) for row in rows}
        assert len(shares) == figure["n"]
        if figure["reason"] in ("no_incidents_source", "unlinked"):
            return None
        failed = {deployment_in(row) for row in rows if row["evidence"]}
        return sum(shares[name] for name in failed) / sum(shares.values()) if len(shares) >= FEWEST else None
    if figure["metric"] == "lead_time_for_changes":
        times = [row["lead_time_s"] for row in rows if row["counted"] == "counted"]
    elif figure["metric"] == "time_to_restore_service":
        times = [row["restore_s"] for row in rows if row["restore_s"] is not None]
    else:
        mended = [row for row in rows if row["recovery_s"] is not None]
        least: dict[tuple[Any, ...], float] = {}
        for row in mended:
            name = deployment_in(row)
            least[name] = min(row["recovery_s"], least.get(name, row["recovery_s"]))
        times = list(least.values())
    assert len(times) == figure["n"]
    return percentile(times, 0.5) if len(times) >= FEWEST else None


def deployment_in(row: dict[str, Any]) -> tuple[Any, ...]:
    """What tells deployments of a row apart: a branch's name is that of many."""
    return row.get("repository"), row["deployment"], row["commit_hash"], row["deployed_at"]


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
        figure["scope_name"]
        for figure in read_figures(warehouse.connection)
        if figure["metric"] == "failed_deployment_recovery_time" and figure["n"]
    )
    weeks = json.loads(atlas("--repo", name, "--by", "week", "--last", "2", "--json").stdout)
    assert {row["scope_name"] for row in weeks} == {name}
    assert len({row["period_name"] for row in weeks}) == 2
    shown = atlas("--team", "github.com/acme/core")
    assert "time to restore service" in shown.stdout, shown.stderr
    assert "web" not in shown.stdout
    assert "(no team)" in atlas("--of", "team").stdout
    explained = atlas("explain", "github.com/acme/core", "lead-time-for-changes", "--of", "team")
    assert "share" in explained.stdout, explained.stderr
    for made, commit in (("reverts/", "git show -s --format=%B "), ("hotfixes/", "git show -s --format='%s' ")):
        texts = [atlas("explain", other, "change-failure-rate").stdout for other in repositories if made in other]
        assert any(commit in text and "git tag --contains" in text for text in texts), texts
    for arguments, sentence in (
        (("--by", "year"), "week, month or quarter"),
        (("--of", "person"), "repository, team or organisation"),
        (("--team", "nobody"), "No figures of a team 'nobody'"),
        (("--team", "a", "--repo", "b"), "one of --repo, --team and --of"),
    ):
        refused = atlas(*arguments)
        assert refused.returncode == 2
        assert sentence in refused.stderr
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
