"""``mart_dora`` equals what one works out by hand from git and services, for repositories of each shape.

Of some, deployments are release tags; of others, services tell of them. Teams and incidents are made up beside them:
people who change teams or are in two, and issues that name what broke. All repositories are collected and built
together, so that dbt starts once a round. In the first round they are new; then they grow, their past is rewritten, and
more is told of what was. At last all is built from nothing, which must give the same tables.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from by_hand.histories import History, read_history
from by_hand.metrics import Figure, figures_of, outages_of, parts_of, same
from by_hand.teams import (
    DECLARED,
    HOST,
    NOBODY,
    by_organisation,
    by_team,
    landed_incidents,
    landed_teams,
    made_incidents,
    made_versions,
)
from dora_explanations import (
    assert_each_figure_is_explained,
    assert_git_confirms_each_explanation,
    assert_the_commands_answer,
)
from equal_builds_support import Warehouse, different, fixture_warehouse, hashes  # noqa: F401
from made_deployments import KINDS, Pipeline, landed_deployments, landed_projects
from made_repositories import SHAPES, Made, grow, rewrite

from atlas.collectors.git import collect_repository
from atlas.dora import METRICS
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    from by_hand.histories import Incident
    from by_hand.teams import Version

OF_EACH_SHAPE = 3
ROUNDS = 3
SEED = 8
SELECTION = ("--select", "+mart_dora")
MODELS = (*SELECTION, "--exclude", "resource_type:seed")
HOTFIX = "^hotfix"
NO_BRANCH = "gone"
# Some repositories do a little of everything, others one thing alone: a staging environment says nothing of production.
ON_GITHUB = [tuple(KINDS)] * 4 + [("success", "failure and remedy", "back"), ("staging", "endless")]
ON_GITLAB = [tuple(kind for kind in KINDS if kind != "rollback by task")] * 2


@pytest.fixture(name="repositories")
def fixture_repositories(tmp_path: Path) -> dict[str, Made]:
    """Some of each shape, by name, whose deployments are tags."""
    made = {}
    for number, shape in enumerate(sorted(SHAPES) * OF_EACH_SHAPE):
        name = f"{shape}/{number}"
        made[name] = Made.make(tmp_path / "made" / name, SEED * 1000 + number)
        grow(made[name], shape, 14)
    return made


@pytest.fixture(name="pipelines")
def fixture_pipelines(tmp_path: Path) -> dict[str, Pipeline]:
    """By name of the repository that they deploy from. One begins with a commit that isn't there."""
    found: dict[str, Pipeline] = {}
    for system, of_system in (("github", ON_GITHUB), ("gitlab", ON_GITLAB)):
        for number, kinds in enumerate(of_system):
            name = f"{system}.com/live/{number}"
            made = Made.make(tmp_path / "made" / name, SEED * 2000 + len(found))
            found[name] = Pipeline(made, system, kinds)
            if number == 4:
                KINDS["unknown"](found[name])
            found[name].go_on(25)
    return found


@pytest.mark.usefixtures("cleared")
def test_every_figure_equals_what_is_worked_out_by_hand(
    warehouse: Warehouse, repositories: dict[str, Made], pipelines: dict[str, Pipeline]
) -> None:
    everything = repositories | {name: line.made for name, line in pipelines.items()}
    declare(warehouse, list(everything))
    happened: list[str] = []
    histories: dict[str, History] = {}
    of_github = [name for name, line in pipelines.items() if line.system == "github"]
    watched = [*(name for name in repositories if name[-1] in "02468"), *of_github]
    teams = Teams(random.Random(SEED), watched)  # noqa: S311
    for round_ in range(ROUNDS):
        if round_:
            happened += change(repositories, pipelines)
        collect(warehouse, everything)
        land(warehouse, pipelines, watched)
        for name in everything:
            histories[name] = ask(name, histories, pipelines, everything[name].path)
        teams.go_on(warehouse, histories)
        for name in everything:
            histories[name] = ask(name, histories, pipelines, everything[name].path, teams)
        warehouse.build(*MODELS)
        for name in everything:
            found = different_rows(warehouse, name, histories[name])
            assert found == [], f"{name}, round {round_}, after {happened}"
        by_hand = teams.figures(histories)
        assert different_figures(warehouse, by_hand) == [], f"round {round_}, after {happened}"
        assert enough_is_there(by_hand)
        assert_evidence_is_there(warehouse)
        assert_no_total_is_doubled(by_hand)
    assert set(happened) >= {"moved", "deleted", "late", "redated", "lightened", "forced", "all deleted"}
    assert_enough_was_told(histories, pipelines)

    assert_each_figure_is_explained(warehouse)
    assert_git_confirms_each_explanation(warehouse, everything)
    assert_the_commands_answer(warehouse, repositories)

    # What was built round by round is what one goes to from nothing, and keeps all of its own rules.
    grown = hashes(warehouse)
    warehouse.build(*SELECTION, command="test")
    warehouse.build(*MODELS, "--full-refresh")
    assert different(hashes(warehouse), grown) == []


def hotfix_of(name: str) -> str | None:
    return HOTFIX if name.startswith("hotfixes/") or name.endswith("live/1") else None


def default_branch_of(name: str) -> str:
    return NO_BRANCH if name.startswith("monorepo/") or name.endswith("live/2") else "main"


def declare(warehouse: Warehouse, names: list[str]) -> None:
    """What somebody would write into the seeds: who has hotfixes, whose default branch is gone, whose an address is."""
    warehouse.build("--select", "resource_type:seed")
    rule = "insert into chart.repository_rules (repository, default_branch, hotfix_pattern) values (%s, %s, %s)"
    for name in names:
        branch = default_branch_of(name)
        if branch == NO_BRANCH or hotfix_of(name):
            values = [name, branch if branch == NO_BRANCH else None, hotfix_of(name)]
            warehouse.connection.execute(rule, values)
    for address, login in DECLARED.items():
        declared = "insert into chart.declared_logins (login, email) values (%s, %s)"
        warehouse.connection.execute(declared, [f"github.com/{login}", address])


def change(repositories: dict[str, Made], pipelines: dict[str, Pipeline]) -> list[str]:
    """Let repositories grow, and change their past; what was changed."""
    happened = []
    for name, made in repositories.items():
        happened += [rewrite(made) for _ in range(made.chance.randint(1, 3))]
        grow(made, name.split("/")[0], made.chance.choice([0, 1, 4]))
    for line in pipelines.values():
        happened += [rewrite(line.made) for _ in range(line.made.chance.randint(0, 1))]
        line.go_on(line.made.chance.choice([1, 3, 6]))
    return happened


def collect(warehouse: Warehouse, repositories: dict[str, Made]) -> None:
    sources = load_sources(warehouse.project)
    for name, made in repositories.items():
        made.write_refs()
        collect_repository(warehouse.connection, sources, made.path, name=name)


def land(warehouse: Warehouse, pipelines: dict[str, Pipeline], watched: list[str]) -> None:
    """Land what services tell of deployments, under the identities by which they tell of repositories."""
    of_gitlab = {name: number for number, name in enumerate(pipelines) if name not in watched}
    identities = {name: f"{HOST}/{watched.index(name)}" for name in pipelines if name in watched}
    identities |= {name: f"gitlab.com/{number}" for name, number in of_gitlab.items()}
    warehouse.land(
        [
            landed_projects((number, name.removeprefix("gitlab.com/")) for name, number in of_gitlab.items()),
            *landed_deployments((identities[name], line) for name, line in pipelines.items()),
        ]
    )


def ask(
    name: str, histories: dict[str, History], pipelines: dict[str, Pipeline], path: Path, teams: Teams | None = None
) -> History:
    """Ask git, and remember what services said; of incidents, as soon as there are some."""
    return read_history(
        path,
        histories[name].commits if name in histories else (),
        teams.incidents.get(name, ()) if teams else (),
        pipelines[name].told.values() if name in pipelines else (),
        default_branch_of(name),
        hotfix_of(name),
        watched=teams is not None and name in teams.read,
    )


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


def different_rows(warehouse: Warehouse, name: str, history: History) -> list[tuple[Any, ...]]:
    """What the tables say otherwise of a repository: its deployments, what each shipped, and what failed."""
    found = []
    for what, query, expected in (
        ("deployment", DEPLOYMENTS, deployment_rows(history)),
        ("shipped", SHIPPED, shipped_rows(history)),
        ("failure", FAILURES, failure_rows(history)),
    ):
        rows = Counter(warehouse.connection.execute(query, [name]).fetchall())
        by_hand = Counter(expected)
        found += [(what, "by hand", *row) for row in (by_hand - rows).elements()]
        found += [(what, "in the table", *row) for row in (rows - by_hand).elements()]
    return sorted(found, key=str)


DEPLOYMENTS = """
    select
        deployment_number, name, commit_hash, extract(epoch from deployed_at)::bigint, environment, environment_name,
        status, evidence, is_baseline, is_commit_known, commits, merge_commits
    from navigate.fct_deployment where repository = %s
"""
SHIPPED = """
    select c.commit_hash, d.deployment_number, c.lead_time_s
    from navigate.fct_commit_deployment as c
    left join navigate.fct_deployment as d using (deployment_id) where c.repository = %s
"""
FAILURES = """
    select distinct d.deployment_number, i.evidence, i.recovery_s
    from navigate.fct_incident as i
    inner join navigate.fct_deployment as d using (deployment_id) where d.repository = %s
"""


def deployment_rows(history: History) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for place, deployment in enumerate(history.deployments):
        merges = [len(commit.parents) > 1 for commit in history.shipped_by(place)]
        of_git = (history.is_baseline(place), history.is_known(place), merges.count(False), merges.count(True))
        found.append((place + 1, *deployment, *of_git))
    return found + [(None, *deployment, None, None, 0, 0) for deployment in history.elsewhere]


def shipped_rows(history: History) -> list[tuple[Any, ...]]:
    found = []
    for hash_, commit in history.commits.items():
        place = history.shipped.get(hash_)
        is_timed = place is not None and not history.is_baseline(place) and len(commit.parents) < 2
        lead_time = history.deployments[place].at - commit.authored if place is not None and is_timed else None
        found.append((hash_, None if place is None else place + 1, lead_time))
    return found


def failure_rows(history: History) -> set[tuple[Any, ...]]:
    return {(place + 1, *failure) for place, failures in history.failures.items() for failure in failures}


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
    """Of each kind that there is."""
    found = warehouse.connection.execute(
        "select distinct evidence from navigate.fct_incident where recovery_s is not null"
    ).fetchall()
    assert {evidence for (evidence,) in found} == {"incident", "rollback", "revert", "hotfix"}


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


def assert_enough_was_told(histories: dict[str, History], pipelines: dict[str, Pipeline]) -> None:
    """Services told of whatever pipelines can do, and of each it is known what came of it."""
    assert {kind for line in pipelines.values() for kind in line.happened} == set(KINDS)
    told = [history for name, history in histories.items() if name in pipelines]
    ended = [
        (deployment.evidence, deployment.status, history.is_known(place), history.is_baseline(place))
        for history in told
        for place, deployment in enumerate(history.deployments)
    ]
    assert {evidence for evidence, *_ in ended} == {"deployment_status", "job_end", "last_change", "tagger_time"}
    assert {status for _, status, *_ in ended} == {"success", "failure", "rollback"}
    assert {(is_known, is_baseline) for *_, is_known, is_baseline in ended} >= {(True, False), (False, False)}
    assert {is_known for _, _, is_known, is_baseline in ended if is_baseline} == {True, False}
    assert any(history.elsewhere for history in told)
    evidence = {failure.evidence for history in told for failures in history.failures.values() for failure in failures}
    assert evidence >= {"incident", "rollback", "revert"}
