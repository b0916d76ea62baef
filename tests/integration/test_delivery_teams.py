"""Declared teams, from a repository to ``atlas dora --team``: who changes team, who is in two, who is in none."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from equal_builds_support import Warehouse, fixture_warehouse, git  # noqa: F401

from atlas.collectors.git import collect_repository
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

NAME = "github.com/acme/shop"
MODELS = ("--select", "+mart_dora", "--exclude", "resource_type:seed")
# Ann is in core until March, and in web from then on; Ben is in both; Eve hasn't done anything yet.
MEMBERS = (
    ("core", "ann@work", None, "2024-03-01", None),
    ("web", "github.com/Ann", "2024-03-01", None, None),
    ("core", "ben@work", None, None, 0.75),
    ("web", "ben@work", None, None, None),
    ("idle", "eve@work", None, None, None),
)
LOGINS = (("github.com/ann", "ann@work"), ("github.com/ann", "ann@home"))


def make_history(clone: Path) -> None:
    """A baseline, and two releases, both in March."""

    def commit(moment: str, author: str) -> None:
        git(clone, moment, "commit", "-q", "--allow-empty", "-m", "change", "--author", f"X <{author}>")

    git(clone, "2024-01-01T00:00:00Z", "init", "-q", "-b", "main")
    commit("2024-01-02T00:00:00Z", "robot@x")
    git(clone, "2024-01-03T00:00:00Z", "tag", "-a", "v1.0.0", "-m", "The first")
    commit("2024-02-10T00:00:00Z", "ann@work")
    commit("2024-02-29T23:59:59Z", "ben@work")
    git(clone, "2024-03-05T00:00:00Z", "tag", "-a", "v1.1.0", "-m", "The second")
    commit("2024-03-06T00:00:00Z", "ann@home")
    commit("2024-03-07T00:00:00Z", "robot@x")
    git(clone, "2024-03-08T00:00:00Z", "tag", "-a", "v1.2.0", "-m", "The third")


@pytest.fixture
def built(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    """With teams, as the seeds would declare them."""
    make_history(tmp_path / "clone")
    collect_repository(warehouse.connection, load_sources(warehouse.project), tmp_path / "clone", name=NAME)
    warehouse.build("--select", "resource_type:seed")
    with warehouse.connection.cursor() as cursor:
        cursor.executemany(
            "insert into chart.declared_team_members (team, organisation, member, valid_from, valid_to, allocation)"
            " values (%s, 'acme', %s, %s, %s, %s)",
            MEMBERS,
        )
        cursor.executemany("insert into chart.declared_logins (login, email) values (%s, %s)", LOGINS)
    warehouse.build(*MODELS)
    return warehouse


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return warehouse.connection.execute(query).fetchall()


def atlas(warehouse: Warehouse, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = warehouse.environment | {"ATLAS_PROJECT": str(warehouse.project)}
    command = [sys.executable, "-m", "atlas", "dora", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("cleared")
def test_whose_each_change_and_deployment_is(built: Warehouse) -> None:
    """One warehouse for all of it: each build costs seconds."""
    check_who_changes_team_between_commit_and_deployment(built)
    check_who_is_in_two_teams(built)
    check_totals_are_never_doubled(built)
    check_figures_of_a_team(built)
    check_what_is_mistaken(built)
    built.build(*MODELS[:2], command="test")


def check_who_changes_team_between_commit_and_deployment(built: Warehouse) -> None:
    """What Ann wrote in February is core's, though it ships when she is in web; from home she is herself, too."""
    assert rows(
        built,
        "select d.name, c.author_email, t.team, t.allocation from navigate_base.bridge_commit_team as t"
        " inner join navigate_base.fct_commit as c using (repository, commit_hash)"
        " inner join navigate_base.fct_commit_deployment as s using (repository, commit_hash)"
        " inner join navigate_base.fct_deployment as d using (deployment_id) order by c.authored_at, t.team",
    ) == [
        ("v1.0.0", "robot@x", "(no team)", 1),
        ("v1.1.0", "ann@work", "core", 1),
        ("v1.1.0", "ben@work", "core", 0.75),
        ("v1.1.0", "ben@work", "web", 0.25),
        ("v1.2.0", "ann@home", "web", 1),
        ("v1.2.0", "robot@x", "(no team)", 1),
    ]


def check_who_is_in_two_teams(built: Warehouse) -> None:
    """Ben's part for web is what core's leaves; a deployment is each team's by its part of the changes."""
    assert rows(
        built,
        "select person_id, team, allocation, member, identity_rule, valid_to is null"
        " from navigate_base.bridge_team_member order by 1, 2",
    ) == [
        ("ann@home", "core", 1, "ann@work", "declared", False),
        ("ann@home", "web", 1, "github.com/ann", "declared", True),
        ("ben@work", "core", 0.75, "ben@work", None, True),
        ("ben@work", "web", 0.25, "ben@work", None, True),
        ("eve@work", "idle", 1, "eve@work", None, True),
    ]
    assert rows(
        built,
        "select d.name, s.scope_name, s.share from navigate_base.bridge_deployment_scope as s"
        " inner join navigate_base.fct_deployment as d using (deployment_id) where s.scope = 'team' order by 1, 2",
    ) == [
        ("v1.0.0", "(no team)", 1),
        ("v1.1.0", "core", 0.875),
        ("v1.1.0", "web", 0.125),
        ("v1.2.0", "(no team)", 0.5),
        ("v1.2.0", "web", 0.5),
    ]


def check_totals_are_never_doubled(built: Warehouse) -> None:
    """Three deployments, of which two are judged, and four changes, whoever has a part in them."""
    totals = rows(
        built,
        "select metric, scope, sum(allocated) from navigate_base.mart_dora"
        " where period = 'all' and scope in ('repository', 'team') group by 1, 2 order by 1, 2",
    )
    assert [total for total in totals if total[2]] == [
        (metric, scope, total)
        for metric, total in (
            ("change_failure_rate", 2),
            ("deployment_days_per_week", 3),
            ("deployment_frequency", 3),
            ("lead_time_for_changes", 4),
        )
        for scope in ("repository", "team")
    ]


def check_figures_of_a_team(built: Warehouse) -> None:
    shown = atlas(built, "--team", "core")
    assert shown.returncode == 0, shown.stderr
    assert "0.9" in shown.stdout
    assert "web" not in shown.stdout
    for team in ("core", "web", "(no team)"):
        assert team in atlas(built, "--of", "team", "--by", "quarter").stdout
    explained = atlas(built, "explain", "web", "lead-time-for-changes", "2024-03", "--of", "team").stdout
    assert "0.25" in explained
    assert "mart_team_performance" in explained


def check_what_is_mistaken(built: Warehouse) -> None:
    """A sentence each."""
    for options in ((), ("--by", "month")):
        shown = atlas(built, "--team", "idle", *options)
        assert (shown.returncode, shown.stdout) == (0, "Nothing of the team 'idle' has been deployed yet.\n")
    explained = atlas(built, "explain", "idle", "lead-time-for-changes", "--of", "team")
    assert "Nothing lies behind it.\nIt is unknown: there was no deployment in the period" in explained.stdout
    for arguments in (("--team", "nobody"), ("explain", "nobody", "change-failure-rate", "--of", "team")):
        refused = atlas(built, *arguments)
        assert refused.returncode == 2
        assert "No figures of a team 'nobody'. Known: (no team), core, idle, web." in " ".join(refused.stderr.split())
    refused = atlas(built, "explain", "core", "lead-time-for-changes", "2024-01", "--of", "team")
    assert refused.returncode == 2
    assert "core has no figures for 2024-01" in refused.stderr
