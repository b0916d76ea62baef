"""Pull requests from the first commit to the deployment, and who is who: git and GitHub of one repository, together."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import client_for
from equal_builds_support import Warehouse, different, fixture_warehouse, git, hashes  # noqa: F401
from github_server import START, GitHub, at, github_service, review, user
from service_server import running

from atlas.collectors.git import collect_repository as collect_git
from atlas.collectors.github import collect_repository as collect_github
from atlas.landing import prepare
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = 1296269
NAME = "github.com/octo/hello"
MODELS = ("--select", "+mart_team_performance", "+fct_issue_status", "+mart_file_type_activity")
HOUR = 60


def moment(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def head(path: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=path, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def collect(warehouse: Warehouse, tmp_path: Path) -> Callable[[GitHub], None]:
    """Collect the clone, and GitHub."""
    sources = load_sources(warehouse.project)

    def run(github: GitHub) -> None:
        for source in sources.values():
            prepare(warehouse.connection, source)
        collect_git(warehouse.connection, sources, tmp_path / "clone", name=NAME)
        with running(github_service(github)) as service, client_for(service) as client:
            collect_github(warehouse.connection, sources, client, "octo/hello")

    return run


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return warehouse.connection.execute(query).fetchall()


def make_history(clone: Path, github: GitHub) -> None:
    """A release, then a pull request that is reviewed, merged and released; times are minutes of the tests' world."""
    git(clone, moment(0), "init", "-q", "-b", "main")
    git(clone, moment(0), "commit", "--allow-empty", "-m", "first")
    git(clone, moment(HOUR), "tag", "-a", "v1.0.0", "-m", "one")
    git(clone, moment(2 * HOUR), "checkout", "-q", "-b", "topic")
    (clone / "a.py").write_text("1\n")
    git(clone, moment(2 * HOUR), "add", "a.py")
    git(clone, moment(2 * HOUR), "commit", "-m", "change")
    written = head(clone)
    git(clone, moment(6 * HOUR), "checkout", "-q", "main")
    git(clone, moment(6 * HOUR), "merge", "-q", "--no-ff", "-m", "merge", "topic")
    github.pull_request(
        1,
        3 * HOUR,
        created_at=at(3 * HOUR),
        state="closed",
        merged_at=at(6 * HOUR),
        closed_at=at(6 * HOUR),
        merge_commit_sha=head(clone),
        head={"ref": "topic", "sha": written, "repo": None},
    )
    signature = {"name": "Author", "email": "author@example.org", "date": at(2 * HOUR)}
    github.commits[NUMBER, 1] = [{"sha": written, "commit": {"author": signature}, "author": user("Ann")}]
    github.reviews[NUMBER, 1] = [review(1, 3.5 * HOUR, "COMMENTED", "ann"), review(2, 4 * HOUR), review(3, 7 * HOUR)]
    git(clone, moment(12 * HOUR), "tag", "-a", "v1.1.0", "-m", "two")


def test_pull_requests_and_people_from_git_and_github(
    warehouse: Warehouse, collect: Callable[[GitHub], None], tmp_path: Path
) -> None:
    """A mailmap comes a day later; what was built before is the same as if it had been there from the first.

    Then teams are declared, by logins: whose the commits are is known by the persons.
    """
    github, clone = GitHub(), tmp_path / "clone"
    github.repository()
    make_history(clone, github)
    collect(github)
    warehouse.build(*MODELS)
    assert rows(
        warehouse,
        "select coding_s, pickup_s, review_s, merge_s, deploy_s, lead_time_s, reviews, reviewers"
        " from navigate_base.fct_pull_request",
    ) == [(3600, 3600, 0, 7200, 21_600, 36_000, 1, 1)]
    assert people(warehouse) == {
        "author@example.org": ("author@example.org", None),
        "committer@example.org": ("committer@example.org", None),
        "github.com/ann": ("author@example.org", "verified_email"),
        "github.com/ben": ("github.com/ben", None),
    }
    assert rows(
        warehouse, "select file_type, commits, authors, lines_added from navigate_base.mart_file_type_activity"
    ) == [("py", 1, 1, 1)]

    versions = rows(warehouse, "select developer_id, version_key from navigate_base.dim_developer order by 1, 2")
    (clone / ".mailmap").write_text("<author@work> <author@example.org>\n")
    git(clone, moment(30 * HOUR), "add", ".mailmap")
    git(clone, moment(30 * HOUR), "commit", "-m", "Say who is who")
    github.pull_request(2, 31 * HOUR, user=user("cat"))
    collect(github)
    warehouse.build(*MODELS)
    assert people(warehouse) == {
        "author@example.org": ("author@work", "mailmap"),
        "committer@example.org": ("committer@example.org", None),
        "github.com/ann": ("author@work", "verified_email"),
        "github.com/ben": ("github.com/ben", None),
        "github.com/cat": ("github.com/cat", None),
    }
    now = rows(warehouse, "select developer_id, version_key from navigate_base.dim_developer order by 1, 2")
    assert set(versions) <= set(now), "a version got another key"

    grown = hashes(warehouse)
    warehouse.forget_what_was_built()
    warehouse.build(*MODELS)
    assert different(hashes(warehouse), grown) == []

    warehouse.connection.execute(DECLARED_TEAMS)
    warehouse.build("--select", "team_memberships+,+mart_team_performance")
    whole = {"authors": 3, "pull_requests_merged": 1, "reviews": 1, "work_in_progress": 1}
    assert set(rows(warehouse, FIGURES)) == {
        *((name, metric, n, n) for name in (NAME, "github.com/octo") for metric, n in whole.items()),
        *(("core", "authors", 2, 2), ("web", "authors", 1, 1)),
        ("core", "pull_requests_merged", 1, 1),
        *(("core", "reviews", 1, 0.5), ("web", "reviews", 1, 0.5)),
        ("(no team)", "work_in_progress", 1, 1),
    }
    warehouse.build(*MODELS, command="test")


# Ann changes team between what she wrote and the mailmap, and is known by her login; Ben is in two.
DECLARED_TEAMS = """
    insert into chart.declared_team_members (team, member, valid_from, valid_to) values
    ('core', 'github.com/ann', null, '2025-01-02'),
    ('web', 'github.com/ann', '2025-01-02', null),
    ('core', 'github.com/ben', null, null),
    ('web', 'github.com/ben', null, null)
"""
FIGURES = """
    select scope_name, metric, n, allocated from navigate_base.mart_team_performance
    where period = 'month' and metric in ('authors', 'pull_requests_merged', 'reviews', 'work_in_progress') and n > 0
"""


def people(warehouse: Warehouse) -> dict[str, tuple[str, str | None]]:
    """Each identity's person, and the rule; of all its versions, and of the events that these are made of."""
    found: dict[str, tuple[str, str | None]] = {}
    for table in ("dim_developer", "dim_developer__events"):
        identities = rows(
            warehouse,
            f"select distinct developer_id, person_id, merged_by from navigate_base.{table} where developer_id <> ''",
        )
        told = {identity: (person, rule) for identity, person, rule in identities}
        assert len(told) == len(identities)
        assert found in ({}, told)
        found = told
    return found
