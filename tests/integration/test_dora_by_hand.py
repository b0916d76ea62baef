"""``mart_dora`` equals what one works out by hand from git, for repositories of each shape, whatever happens to them.

Teams and incidents are made up beside them: people who change teams or are in two, and issues that name what broke.
All repositories are collected and built together, so that dbt starts once a round. In the first round they are new;
then they grow, and their past is rewritten. At last all is built from nothing, which must give the same tables.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dora_by_hand import FEWEST, Figure, History, figures_of, outages_of, parts_of, percentile, read_history
from equal_builds_support import Warehouse, different, fixture_warehouse, hashes  # noqa: F401
from made_repositories import SHAPES, Made, grow, rewrite
from teams_by_hand import (
    DECLARED,
    NOBODY,
    by_organisation,
    by_team,
    landed_incidents,
    landed_teams,
    made_incidents,
    made_versions,
)

from atlas.collectors.git import collect_repository
from atlas.dora import METRICS, Explanation, explain, read_figures
from atlas.errors import UsageError
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    from dora_by_hand import Incident
    from teams_by_hand import Version

OF_EACH_SHAPE = 3
ROUNDS = 3
SEED = 8
SELECTION = ("--select", "+mart_dora")
MODELS = (*SELECTION, "--exclude", "resource_type:seed")
HOTFIX = "^hotfix"
NO_BRANCH = "gone"


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
    declare(warehouse, list(repositories))
    happened: list[str] = []
    histories: dict[str, History] = {}
    teams = Teams(random.Random(SEED), [name for name in repositories if name[-1] in "02468"])  # noqa: S311
    for round_ in range(ROUNDS):
        if round_:
            for name, made in repositories.items():
                happened += [rewrite(made) for _ in range(made.chance.randint(1, 3))]
                grow(made, name.split("/")[0], made.chance.choice([0, 1, 4]))
        collect(warehouse, repositories)
        for name, made in repositories.items():
            before = histories[name].commits if round_ else ()
            histories[name] = read_history(made.path, before)
        teams.go_on(warehouse, histories)
        for name, made in repositories.items():
            histories[name] = read_history(
                made.path,
                histories[name].commits,
                teams.incidents.get(name, ()),
                NO_BRANCH if name.startswith("monorepo/") else "main",
                HOTFIX if name.startswith("hotfixes/") else None,
                watched=name in teams.read,
            )
        warehouse.build(*MODELS)
        for name in repositories:
            found = shipped_elsewhere(warehouse, name, histories[name])
            assert found == [], f"{name}, round {round_}, after {happened}"
        by_hand = teams.figures(histories)
        assert different_figures(warehouse, by_hand) == [], f"round {round_}, after {happened}"
        assert enough_is_there(by_hand)
        assert_evidence_is_there(warehouse)
        assert_no_total_is_doubled(by_hand)
    assert set(happened) >= {"moved", "deleted", "late", "redated", "lightened", "forced", "all deleted"}

    assert_each_figure_is_explained(warehouse)
    assert_git_confirms_an_explanation(warehouse, repositories)
    assert_the_commands_answer(warehouse, repositories)

    # What was built round by round is what one goes to from nothing, and keeps all of its own rules.
    grown = hashes(warehouse)
    warehouse.build(*SELECTION, command="test")
    warehouse.build(*MODELS, "--full-refresh")
    assert different(hashes(warehouse), grown) == []


def declare(warehouse: Warehouse, names: list[str]) -> None:
    """What somebody would write into the seeds: who has hotfixes, whose default branch is gone, whose an address is."""
    warehouse.build("--select", "resource_type:seed")
    for shape, column, value in (
        ("hotfixes/", "hotfix_pattern", HOTFIX),
        ("monorepo/", "default_branch", NO_BRANCH),
    ):
        rule = f"insert into chart.repository_rules (repository, {column}) values (%s, %s)"
        for name in names:
            if name.startswith(shape):
                warehouse.connection.execute(rule, [name, value])
    for address, login in DECLARED.items():
        declared = "insert into chart.declared_logins (login, email) values (%s, %s)"
        warehouse.connection.execute(declared, [f"github.com/{login}", address])


def collect(warehouse: Warehouse, repositories: dict[str, Made]) -> None:
    sources = load_sources(warehouse.project)
    for name, made in repositories.items():
        made.write_refs()
        collect_repository(warehouse.connection, sources, made.path, name=name)


Figures = dict[tuple[str, str, str, str], Figure]


@dataclass
class Teams:
    """What a service tells beside git.

    Attributes:
        chance: by which it is made up.
        watched: the repositories whose issues are asked for.
        versions: of teams.
        incidents: by repository.
    """

    chance: random.Random
    watched: list[str]
    versions: list[Version] = field(default_factory=list)
    incidents: dict[str, list[Incident]] = field(default_factory=dict)

    @property
    def read(self) -> set[str]:
        """The repositories of which an issue has landed: of others nobody knows whether theirs can be read."""
        return {name for name, incidents in self.incidents.items() if incidents}

    def go_on(self, warehouse: Warehouse, histories: dict[str, History]) -> None:
        """Land more: people who came and went, some of which is seen late, and what broke."""
        versions = made_versions(self.chance, 4)
        self.versions += versions
        for name in self.watched:
            number = 8 if name == self.watched[0] else 1
            self.incidents.setdefault(name, []).extend(made_incidents(self.chance, histories[name], number))
        warehouse.land([*landed_teams(versions), *landed_incidents(self.watched, self.incidents)])

    def figures(self, histories: dict[str, History]) -> Figures:
        """Of each repository, organisation and team, by scope, name, period and metric."""
        own = {name: parts_of(history) for name, history in histories.items()}
        outages = {name: outages_of(history) for name, history in histories.items()}
        owners = {name.rpartition("/")[0] for name in self.read}
        scopes = {"repository": (own, outages), "organisation": by_organisation(histories)}
        scopes["team"] = by_team(histories, self.versions)
        return {
            (scope, name, *key): figure
            for scope, (parts, of_scope) in scopes.items()
            for name in parts
            for key, figure in figures_of(
                parts[name], of_scope.get(name, []), watched=scope == "team" or name in owners or name in self.read
            ).items()
        }


def shipped_elsewhere(warehouse: Warehouse, name: str, history: History) -> list[tuple[Any, ...]]:
    """The commits of which the tables say another first deployment than git."""
    numbers: dict[str, int | None] = dict(
        warehouse.connection.execute(
            "select c.commit_hash, d.deployment_number from navigate.fct_commit_deployment as c"
            " left join navigate.fct_deployment as d using (deployment_id) where c.repository = %s",
            [name],
        ).fetchall()
    )
    expected = {commit: place + 1 for commit, place in history.shipped.items()}
    return [
        ("shipped", commit, expected.get(commit), numbers.get(commit))
        for commit in history.commits
        if commit not in numbers or numbers[commit] != expected.get(commit)
    ]


def different_figures(warehouse: Warehouse, by_hand: Figures) -> list[tuple[Any, ...]]:
    """Where ``mart_dora`` says something else."""
    rows = warehouse.connection.execute(
        "select scope, scope_name, period_name, metric, value, p90, mean, n, allocated, excluded, coverage, band_2021,"
        " band_2023, reason from navigate.mart_dora"
    )
    figures = {(scope, name, period, metric): Figure(*values) for scope, name, period, metric, *values in rows}
    return [
        (key, by_hand.get(key), figures.get(key))
        for key in sorted(by_hand | figures)
        if key not in by_hand or key not in figures or not all(map(same, by_hand[key], figures[key]))
    ]


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-9)
    return bool(left == right)


def enough_is_there(by_hand: Figures) -> bool:
    """Whether what was made up has what the rules are about."""
    known = {(scope, metric) for (scope, _, _, metric), figure in by_hand.items() if figure.value is not None}
    reasons = {figure.reason for figure in by_hand.values()}
    blind = {figure.reason for (*_, metric), figure in by_hand.items() if metric == "change_failure_rate"}
    parted = [figure for (scope, *_), figure in by_hand.items() if scope == "team" and figure.allocated < figure.n]
    return (
        known >= {(scope, metric) for scope in ("repository", "organisation", "team") for metric in METRICS}
        and reasons
        >= {
            "no_deployments",
            "only_baseline",
            "no_failures",
            "too_few",
            "not_restored",
            "no_incidents_source",
            "no_incidents",
            None,
        }
        and blind >= {"no_incidents_source", "unlinked"}
        and len(parted) > 10
    )


def assert_evidence_is_there(warehouse: Warehouse) -> None:
    """Of each kind that git and issues can have; rollbacks are known to services alone."""
    found = warehouse.connection.execute(
        "select distinct evidence from navigate.fct_incident where recovery_s is not null"
    ).fetchall()
    assert {evidence for (evidence,) in found} == {"incident", "revert", "hotfix"}


def assert_no_total_is_doubled(by_hand: Figures) -> None:
    """All teams together, and nobody's, come to what the repositories come to."""
    for metric in METRICS:
        totals = {
            scope: sum(
                figure.allocated for key, figure in by_hand.items() if (key[0], *key[2:]) == (scope, "all", metric)
            )
            for scope in ("repository", "team")
        }
        assert math.isclose(totals["repository"], totals["team"]), metric
    assert ("team", NOBODY, "all", "deployment_frequency") in by_hand


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
        return float(sum(row.get("share", 1) for row in rows if row["status"] == "success"))
    if figure["metric"] == "change_failure_rate":
        shares = {(row.get("repository"), row["deployment"]): row.get("share", 1) for row in rows}
        assert len(shares) == figure["n"]
        if figure["reason"] in ("no_incidents_source", "unlinked"):
            return None
        failed = {(row.get("repository"), row["deployment"]) for row in rows if row["evidence"]}
        return sum(shares[name] for name in failed) / sum(shares.values()) if len(shares) >= FEWEST else None
    if figure["metric"] == "lead_time_for_changes":
        times = [row["lead_time_s"] for row in rows if row["counted"] == "counted"]
    elif figure["metric"] == "time_to_restore_service":
        times = [row["restore_s"] for row in rows if row["restore_s"] is not None]
    else:
        mended = [row for row in rows if row["recovery_s"] is not None]
        least: dict[tuple[str | None, str], float] = {}
        for row in mended:
            name = row.get("repository"), row["deployment"]
            least[name] = min(row["recovery_s"], least.get(name, row["recovery_s"]))
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
    refused = atlas("--by", "year")
    assert refused.returncode == 2
    assert "week, month or quarter" in refused.stderr
    for arguments, sentence in (
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
