"""A repository collected and built cut by cut, as it grew, gives the tables of one go.

The repository is a small one that the test makes, or any complete one:

    pytest tests/integration/test_equal_repository.py --repository PATH --cut week --timeout 0 --log-cli-level INFO

Cuts are by ``day``, ``week`` or ``month`` (the default); a thousand commits by the month take about a minute.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import pytest
from equal_builds_support import Warehouse, different, fixture_warehouse, git, hashes  # noqa: F401
from repository_cuts import make_clone, read_history, set_refs

from atlas.collectors.git import collect_repository
from atlas.landing import prepare
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    from repository_cuts import Period

LOG = logging.getLogger(__name__)
NAME = "replayed"
# Of whom nothing is landed here.
WITHOUT_CUSTOMERS = ("--exclude", "crm__customers+")
# Day, and what git does then. The fork's commit arrives with its merge, and its author had another name when it was
# made. A ref that is no branch is given up after a month, and comes back at last. A mailmap says late who is who.
GROWTH = (
    ("2024-01-10", ["commit", "-m", "first"], ["commit", "-m", "second"], ["tag", "-a", "v1.0.0", "-m", "one"]),
    ("2024-01-20", ["checkout", "-b", "topic"], ["commit", "-m", "aside"], ["tag", "v1.0.1"]),
    ("2024-02-05", ["commit", "-m", "aside too", "--author", "Ann <ann@x>"]),
    ("2024-02-15", ["checkout", "-b", "fork"], ["commit", "-m", "elsewhere", "--author", "Ann in between <ann@x>"]),
    ("2024-02-25", ["checkout", "topic"], ["commit", "-m", "aside once more", "--author", "Ann <ann@x>"]),
    ("2024-03-01", ["checkout", "main"], ["merge", "--no-ff", "-m", "merge", "topic"], ["branch", "-D", "topic"]),
    ("2024-03-02", ["checkout", "-b", "proposal"], ["commit", "-m", "proposed", "--author", "Ann Married <ann@x>"]),
    ("2024-03-09", ["update-ref", "refs/pull/1/head", "proposal"], ["checkout", "main"], ["branch", "-D", "proposal"]),
    ("2024-05-01", ["add", ".mailmap"], ["commit", "-m", "third"], ["tag", "-a", "v2.0.0", "-m", "two"]),
    ("2024-06-01", ["merge", "--no-ff", "-m", "merge what is late", "fork"], ["branch", "-D", "fork"]),
)


@pytest.fixture(name="repository")
def fixture_repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The one that was named, or a small one."""
    given: Path | None = request.config.getoption("--repository")
    if given is not None:
        return given
    made = tmp_path / "repository"
    git(made, "2024-01-01T00:00:00Z", "init", "-q", "-b", "main")
    (made / ".mailmap").write_text("<ann@work> <ann@x>\n<author@work> <author@example.org>\n")
    for day, *commands in GROWTH:
        for command, *arguments in commands:
            options = ["--allow-empty"] if command == "commit" else []
            git(made, f"{day}T12:00:00Z", command, *options, *arguments)
    return made


def test_a_repository_built_as_it_grew_equals_one_go(
    request: pytest.FixtureRequest, warehouse: Warehouse, repository: Path, tmp_path: Path
) -> None:
    collect_and_build_each_cut(warehouse, repository, tmp_path / "clone", request.config.getoption("--cut"))
    grown, grown_without_sightings = hashes(warehouse), hashes(warehouse, "sightings")
    assert count(warehouse, "navigate_base.dim_branch where not is_current") > 1, "no branch moved"
    assert count(warehouse, "chart.commit_events where _operation = 'delete'") > 0, "no commit vanished"
    assert count(warehouse, "navigate_base.fct_commit where not is_reachable") == 0, "not all came back"
    if request.config.getoption("--repository") is None:
        assert count(warehouse, "navigate_base.dim_developer where merged_by = 'mailmap'") > 2, "nobody was merged"
    for table in sorted({name.split()[0] for name in grown}):
        LOG.info("%s: %s rows", table, f"{count(warehouse, table):,}")
    warehouse.build("--select", "resource_type:model", *WITHOUT_CUSTOMERS, command="test")

    # The same records, read in one go.
    warehouse.forget_what_was_built()
    started = time.monotonic()
    warehouse.build(*WITHOUT_CUSTOMERS)
    LOG.info("one go: %.1f s", time.monotonic() - started)
    assert different(hashes(warehouse), grown) == []

    # The repository as it is, collected once: what was seen of it on the way is apart, and nothing else.
    warehouse.empty()
    collect(warehouse, repository)
    warehouse.build(*WITHOUT_CUSTOMERS)
    assert different(hashes(warehouse, "sightings"), grown_without_sightings) == []


def collect_and_build_each_cut(warehouse: Warehouse, repository: Path, clone: Path, period: Period) -> None:
    """Let a clone of the repository grow; collect it and run dbt at each cut."""
    history = read_history(repository)
    make_clone(repository, clone)
    cuts = list(history.cuts(period))
    LOG.info("%s commits in %s cuts", f"{len(history.commits):,}", f"{len(cuts):,}")
    started = time.monotonic()
    for number, cut in enumerate(cuts, start=1):
        set_refs(clone, cut.refs)
        begun = time.monotonic()
        collect(warehouse, clone)
        collected = time.monotonic()
        warehouse.build(*WITHOUT_CUSTOMERS)
        took = collected - begun, time.monotonic() - collected
        LOG.info("%s of %s, %s: collected in %.2f s, built in %.2f s", number, len(cuts), cut.label, *took)
    LOG.info("%s cuts in %.0f s", f"{len(cuts):,}", time.monotonic() - started)


def collect(warehouse: Warehouse, path: Path) -> None:
    sources = load_sources(warehouse.project)
    for source in sources.values():
        prepare(warehouse.connection, source)
    collection = collect_repository(warehouse.connection, sources, path, name=NAME)
    assert collection.commits.quarantined + collection.refs.quarantined == 0


def count(warehouse: Warehouse, rows: str) -> int:
    (number,) = warehouse.connection.execute(f"select count(*) from {rows}").fetchall()[0]
    return int(number)
