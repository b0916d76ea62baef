"""Whether ``atlas dora`` and its explanations say what the tables have."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from by_hand.repositories import RELEASE

from atlas.dora import METRICS, Explanation, explain, read_figures
from atlas.errors import UsageError
from figures_again import different_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from equal_builds_support import Warehouse
    from made_repositories import Made


SCOPES = ("repository", "organisation", "team")
PERIODS = ("week", "month", "quarter", "all")
# Of each scope; there are a thousand of repositories' weeks.
WEEKS = 200
# What a terminal says of figures that aren't known, by metric and reason.
UNKNOWN = {
    ("change_failure_rate", "unlinked"): ("none of them names a deployment", "Incidents that name no deployment"),
    ("change_failure_rate", "no_incidents_source"): ("It is unknown: nothing that is collected would tell",),
    ("time_to_restore_service", "no_incidents"): ("It is unknown: incidents are collected, and none of them began",),
    ("lead_time_for_changes", "no_deployments"): ("Nothing lies behind it.", "It is unknown: there was no deployment"),
}


def assert_each_figure_is_explained(warehouse: Warehouse) -> None:
    """From the rows that an explanation lists, anybody can make the figure again."""
    explained: Counter[tuple[str, str]] = Counter()
    kinds: Counter[tuple[str | None, bool]] = Counter()
    chance = random.Random(WEEKS)  # noqa: S311
    for scope, period in product(SCOPES, PERIODS):
        figures = read_figures(warehouse.connection, scope=scope, period=period)
        for figure in chance.sample(figures, min(WEEKS, len(figures))) if period == "week" else figures:
            key = figure["scope_name"], figure["metric"], figure["period_name"]
            explanation = explain(warehouse.connection, *key, scope=scope)
            assert explanation.figure == figure
            assert different_again(as_json(explanation)) == {}, (scope, *key)
            assert (explanation.why_not is None) == (figure["reason"] is None), (scope, *key)
            assert bool(explanation.unlinked) == (figure["reason"] == "unlinked"), (scope, *key)
            explained[scope, figure["metric"]] += figure["value"] is not None
            kinds[figure["reason"], bool(explanation.rows)] += 1
    assert {key for key, count in explained.items() if count} == set(product(SCOPES, METRICS)), explained
    assert kinds["unlinked", True], kinds


def assert_the_unknown_is_explained(
    warehouse: Warehouse, atlas: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """A rule that comes to a number doesn't stand alone where there is none."""
    figures = [figure for period in PERIODS for figure in read_figures(warehouse.connection, period=period)]
    # Of those without a deployment, one that never had any.
    figures = [figure for figure in figures if figure["reason"] != "no_deployments" or figure["starts_on"] is None]
    for (metric, reason), sentences in UNKNOWN.items():
        figure = next(figure for figure in figures if (figure["metric"], figure["reason"]) == (metric, reason))
        key = figure["scope_name"], metric, figure["period_name"]
        shown = atlas("explain", *key)
        assert all(sentence in shown.stdout for sentence in sentences), shown
        unlinked = explain(warehouse.connection, *key).unlinked
        assert all(incident["issue_name"] in shown.stdout for incident in unlinked), shown
        if reason == "unlinked":
            assert unlinked
            assert_what_is_nobodys_is_listed(warehouse, key, unlinked)
        if reason == "no_deployments":
            assert "has been deployed yet." in atlas("--repo", figure["scope_name"]).stdout


def assert_what_is_nobodys_is_listed(
    warehouse: Warehouse, key: tuple[str, str, str], unlinked: list[dict[str, Any]]
) -> None:
    """An incident of Jira that names nothing may be anybody's, of its own time."""
    at = unlinked[0]["opened_at"]
    homeless = [(f"PROJ-{days}", at + timedelta(days=days)) for days in (0, 400)]
    with warehouse.connection.transaction(force_rollback=True):
        for name, opened_at in homeless:
            warehouse.connection.execute(
                "insert into navigate_base.fct_incident (incident_id, evidence, evidence_rank, issue_id, issue_name,"
                " opened_at) values (%(name)s, 'incident', 1, %(name)s, %(name)s, %(at)s)",
                {"name": name, "at": opened_at},
            )
        found = [incident["issue_name"] for incident in explain(warehouse.connection, *key).unlinked]
    of_then = {"PROJ-0", "PROJ-400"} if key[2] == "all" else {"PROJ-0"}
    assert set(found) == of_then | {incident["issue_name"] for incident in unlinked}


def as_json(explanation: Explanation) -> Any:
    """As ``--json`` has it."""
    return json.loads(json.dumps(asdict(explanation), default=str))


def assert_git_confirms_each_explanation(warehouse: Warehouse, repositories: dict[str, Made]) -> None:
    """The commands that an explanation ends with say the same as its first row that counts."""
    asked: Counter[tuple[str, str]] = Counter()
    for name, made in repositories.items():
        for metric in METRICS:
            explanation = explain(warehouse.connection, name, metric, "all")
            rows = [row for row in explanation.rows if row.get("counted", "counted") == "counted"]
            for check in explanation.checks:
                assert check.repository == name
                done = subprocess.run(  # noqa: S602 - as a reader types it
                    check.command, shell=True, cwd=made.path, check=False, capture_output=True, text=True
                )
                assert done.returncode == 0, (name, check, done.stderr)
                kind = " ".join(check.command.split()[1:3])
                asked[name.split("/")[0], kind] += 1
                assert_git_says(kind, done.stdout, check.answer, metric, rows, explanation.rows)
    for shape in ("release_branches", "monorepo", "reverts"):
        assert asked[shape, "rev-list --count"], asked
        assert asked[shape, "tag --contains"], asked
        assert not asked[shape, "merge-base --is-ancestor"], asked
    for service in ("github.com", "gitlab.com"):
        assert asked[service, "rev-list --count"], asked
        assert asked[service, "merge-base --is-ancestor"], asked
    assert asked["gitlab.com", "tag --contains"] == 0, asked


def assert_git_says(
    kind: str, said: str, answer: str, metric: str, counted: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    """What the answer claims; of lead times, also what the rows do."""
    if kind == "merge-base --is-ancestor":
        assert (said, answer[:4]) == ("yes\n", "yes:")
    elif kind == "rev-list --count":
        assert said.strip() == answer.partition(":")[0]
        if metric == "lead_time_for_changes":
            assert int(said) == len([row for row in rows if row["number"] == counted[0]["number"]])
        elif metric.startswith("deployment"):
            assert int(said) in {row["commits"] for row in rows}
    elif kind == "tag --contains":
        lines = [line.split() for line in said.splitlines()]
        deployed_at, tag = next((at, tag) for at, tag in lines if RELEASE.fullmatch(tag))
        assert f" {tag} is the first release" in answer
        if metric == "lead_time_for_changes":
            row = counted[0]
            assert (datetime.fromisoformat(deployed_at), tag) == (row["deployed_at"], row["deployment"])
    elif kind == "show -s" and metric == "lead_time_for_changes":
        authored_at, commit = said.split()
        assert (datetime.fromisoformat(authored_at), commit) == (counted[0]["authored_at"], counted[0]["commit_hash"])
    else:
        assert said


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
    explained = atlas("explain", "github.com/live/0", "lead-time-for-changes")
    assert "git merge-base --is-ancestor" in explained.stdout, explained.stderr
    assert "git tag" not in explained.stdout
    for made, commit in (("reverts/", "git show -s --format=%B "), ("hotfixes/", "git show -s --format='%s' ")):
        texts = [atlas("explain", other, "change-failure-rate").stdout for other in repositories if made in other]
        assert any(commit in text and "git tag --contains" in text for text in texts), texts
    assert_the_unknown_is_explained(warehouse, atlas)
    assert_mistakes_are_refused(warehouse, atlas, name)


def assert_mistakes_are_refused(
    warehouse: Warehouse, atlas: Callable[..., subprocess.CompletedProcess[str]], name: str
) -> None:
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
