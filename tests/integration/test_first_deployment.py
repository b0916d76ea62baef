"""Which deployment first shipped a commit, case by case; test_dora_by_hand.py asks the same of made-up histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from by_hand.teams import lines_of
from equal_builds_support import Warehouse, fixture_warehouse, git  # noqa: F401

from atlas.collectors.git import collect_repository
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

Commands = list[tuple[str, ...]]
MODELS = ("--select", "+fct_deployment")


def commit(message: str) -> tuple[str, ...]:
    return ("commit", "-q", "--allow-empty", "-m", message)


def release(name: str, *at: str) -> tuple[str, ...]:
    return ("tag", "-f", "-a", name, "-m", "A release", *at)


# What git does, an hour after the other; what it does after the first build; what ships with what by then, and at last.
CASES: dict[str, tuple[Commands, Commands, dict[str, str | None], dict[str, str | None]]] = {
    "release branches": (
        [
            commit("a"),
            release("v1.0.0"),
            ("checkout", "-q", "-b", "release/1"),
            ("checkout", "-q", "main"),
            commit("b"),
            ("checkout", "-q", "release/1"),
            commit("backport"),
            release("v1.0.1"),
            ("checkout", "-q", "main"),
        ],
        [("merge", "-q", "--no-ff", "-m", "merge", "release/1"), release("v1.1.0"), commit("c")],
        {"a": "v1.0.0", "b": None, "backport": "v1.0.1"},
        {"a": "v1.0.0", "b": "v1.1.0", "backport": "v1.0.1", "merge": "v1.1.0", "c": None},
    ),
    "two tags on a commit": (
        [commit("a"), release("v1.0.0"), commit("b"), release("v1.1.0")],
        [release("alias-1.1.0")],
        {"a": "v1.0.0", "b": "v1.1.0"},
        {"a": "v1.0.0", "b": "v1.1.0"},
    ),
    "tag moved": (
        [commit("a"), release("v1.0.0"), commit("b"), release("v1.1.0"), commit("c"), commit("d"), release("v1.2.0")],
        [release("v1.1.0", "HEAD~1")],
        {"a": "v1.0.0", "b": "v1.1.0", "c": "v1.2.0", "d": "v1.2.0"},
        # It is another deployment now, which came after that.
        {"a": "v1.0.0", "b": "v1.2.0", "c": "v1.2.0", "d": "v1.2.0"},
    ),
    "tag deleted": (
        [commit("a"), release("v1.0.0"), commit("b"), release("v1.1.0"), commit("c"), release("v1.2.0")],
        [("tag", "-d", "v1.1.0")],
        {"a": "v1.0.0", "b": "v1.1.0", "c": "v1.2.0"},
        {"a": "v1.0.0", "b": "v1.2.0", "c": "v1.2.0"},
    ),
    "the baseline deleted": (
        [commit("a"), release("v1.0.0"), commit("b"), release("v1.1.0"), commit("c"), release("v1.2.0")],
        [("tag", "-d", "v1.0.0")],
        {"a": "v1.0.0", "b": "v1.1.0", "c": "v1.2.0"},
        {"a": "v1.1.0", "b": "v1.1.0", "c": "v1.2.0"},
    ),
    # A lightweight tag has the time of its commit, so this one is earlier than those that are there.
    "tag late": (
        [commit("a"), release("v1.0.0"), commit("b"), commit("c"), release("v1.2.0")],
        [("tag", "v1.1.0", "HEAD~1")],
        {"a": "v1.0.0", "b": "v1.2.0", "c": "v1.2.0"},
        {"a": "v1.0.0", "b": "v1.1.0", "c": "v1.2.0"},
    ),
    "branch forced": (
        [commit("a"), release("v1.0.0"), commit("b"), commit("c"), release("v1.1.0")],
        [("reset", "-q", "--hard", "HEAD~2"), commit("b anew"), release("v1.2.0")],
        {"a": "v1.0.0", "b": "v1.1.0", "c": "v1.1.0"},
        {"a": "v1.0.0", "b": "v1.1.0", "c": "v1.1.0", "b anew": "v1.2.0"},
    ),
}
BASELINES = {"the baseline deleted": "v1.1.0"}
SHIPS_NOTHING = {("two tags on a commit", "alias-1.1.0"), ("tag moved", "v1.1.0")}


@pytest.fixture(name="clones")
def fixture_clones(tmp_path: Path) -> dict[str, Path]:
    """An empty repository for each case."""
    found = {case: tmp_path / case for case in CASES}
    for path in found.values():
        git(path, "2024-01-01T00:00:00Z", "init", "-q", "-b", "main")
    return found


def test_each_commit_stands_under_the_deployment_that_first_shipped_it(
    warehouse: Warehouse, clones: dict[str, Path]
) -> None:
    """Before something happens to each repository, and after; one build for all of them, for each costs seconds."""
    for day in (0, 1):
        for case, clone in clones.items():
            for hour, command in enumerate(CASES[case][day]):
                git(clone, f"2024-01-{2 + day:02}T{hour:02}:00:00Z", *command)
            collect_repository(warehouse.connection, load_sources(warehouse.project), clone, name=case)
        warehouse.build(*MODELS)
        assert {case: shipped(warehouse, case) for case in CASES} == {case: CASES[case][2 + day] for case in CASES}
    deployments = warehouse.connection.execute(
        "select repository, name, is_baseline, commits + merge_commits from navigate_base.fct_deployment"
    ).fetchall()
    assert {(case, name) for case, name, is_baseline, _ in deployments if is_baseline} == {
        (case, BASELINES.get(case, "v1.0.0")) for case in CASES
    }
    assert {(case, name) for case, name, _, commits in deployments if not commits} == SHIPS_NOTHING


def test_a_renamed_repository_takes_its_deployments_along(warehouse: Warehouse, tmp_path: Path) -> None:
    """As if all had been built at once: what the old name has collected isn't what is deployed any more."""
    clone = tmp_path / "clone"
    git(clone, "2024-01-01T00:00:00Z", "init", "-q", "-b", "main")
    git(clone, "2024-01-02T00:00:00Z", *commit("a"))
    head = (clone / ".git/refs/heads/main").read_text().strip()
    repository = {"host": "github.com", "repository_id": "github.com/1", "operation": "upsert"}
    deployment = {"repository_id": "github.com/1", "deployment_id": "5", "event_at": "2024-01-03T00:00:00Z"}
    made = {"operation": "upsert", "commit_hash": head, "ref": "main", "is_production": True}
    ended = {"status_id": "6", "state": "success"}
    old = repository | {"repository": "acme/old", "event_at": "2024-01-01T00:00:00Z"}
    warehouse.land(
        [
            lines_of("github.repositories", [old]),
            lines_of("github.deployments", [deployment | made]),
            lines_of("github.deployment_statuses", [deployment | ended]),
        ]
    )
    collect_repository(warehouse.connection, load_sources(warehouse.project), clone, name="acme/old")
    warehouse.build(*MODELS)
    assert shipped(warehouse, "acme/old") == {"a": "main"}

    renamed = repository | {"repository": "acme/new", "event_at": "2024-01-04T00:00:00Z"}
    warehouse.land([lines_of("github.repositories", [renamed])])
    collect_repository(warehouse.connection, load_sources(warehouse.project), clone, name="acme/new")
    warehouse.build(*MODELS)
    expected = {"acme/old": {"a": None}, "acme/new": {"a": "main"}}
    assert {name: shipped(warehouse, name) for name in expected} == expected
    warehouse.build(*MODELS, "--full-refresh")
    assert {name: shipped(warehouse, name) for name in expected} == expected


def shipped(warehouse: Warehouse, case: str) -> dict[str, str | None]:
    """Each commit by its subject, and the name of its deployment."""
    return dict(
        warehouse.connection.execute(
            "select c.subject, d.name from navigate_base.fct_commit_deployment as s"
            " inner join navigate_base.fct_commit as c using (repository, commit_hash)"
            " left join navigate_base.fct_deployment as d using (deployment_id) where s.repository = %s",
            [case],
        ).fetchall()
    )
