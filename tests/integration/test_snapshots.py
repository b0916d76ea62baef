"""dbt's snapshots of the project: what they record of branches and figures, and what they miss."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from psycopg import Connection

from atlas.landing import land_lines, prepare
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from psycopg.rows import TupleRow

START = datetime(2025, 3, 3, 12, tzinfo=UTC)
VERSIONS = """
    select branch, left(head_hash, 1), valid_to is null
    from navigate.{} where branch <> '' order by branch, valid_from
"""


class Project(NamedTuple):
    """The project on a database."""

    path: Path
    connection: Connection[TupleRow]

    def push(self, day: int, heads: Mapping[str, str | None], source: str = "git.refs") -> None:
        """Land what a collector that looked on a day saw of branches; None is gone."""
        seen_at = (START + timedelta(days=day)).isoformat()
        lines = [
            json.dumps(
                {
                    "repository": "r",
                    "ref": f"refs/heads/{branch}",
                    "kind": "branch",
                    "name": branch,
                    "operation": "upsert" if head else "delete",
                    "target_hash": head and head * 40,
                    "observed_at": seen_at,
                    "event_at": seen_at,
                }
            ).encode()
            for branch, head in heads.items()
        ]
        self.land(source, lines)

    def land(self, name: str, lines: list[bytes]) -> None:
        """Land lines as a batch."""
        source = load_sources(self.path)[name]
        prepare(self.connection, source)
        with self.connection.transaction():
            receipt = land_lines(self.connection, source, lines, name="test")
        assert receipt.quarantined == 0

    def build(self, *selection: str) -> None:
        """dbt build, tests included."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        directories = ("--project-dir", str(self.path), "--profiles-dir", str(self.path / "profiles"))
        outcome = dbtRunner().invoke(["--quiet", "build", *directories, "--select", *selection])
        assert outcome.success, outcome.exception

    def versions(self, table: str) -> list[tuple[str, str, bool]]:
        """Branch, head and whether it is current, in the order of their times."""
        return [(row[0], row[1], row[2]) for row in self.connection.execute(VERSIONS.format(table)).fetchall()]


@pytest.fixture(name="project_on")
def fixture_project_on(
    environment: dict[str, str], connection: Connection[TupleRow], project: Path, monkeypatch: pytest.MonkeyPatch
) -> Project:
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        if name.startswith(("ATLAS_", "DBT_")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("DBT_WRITE_JSON", "false")
    # A zone in which the hour that comes twice would have been lost by a time without one.
    monkeypatch.setenv("PGTZ", "America/New_York")
    return Project(project, connection)


def test_branches_deleted_made_again_and_forced(project_on: Project) -> None:
    models = ("+branch_heads_as_seen", "+dim_branch")
    project_on.push(0, {"main": "a", "feature": "b", "quiet": "e"})
    project_on.build(*models)
    project_on.push(1, {"main": "c", "feature": None})
    project_on.build(*models)
    # Twice between two runs: a snapshot meets only what is there at last.
    project_on.push(2, {"feature": "d", "quiet": None})
    project_on.push(3, {"main": "f", "quiet": "e"})
    project_on.push(4, {"main": "a"})
    project_on.build(*models)

    seen = [("feature", "b", False), ("feature", "d", True), ("main", "a", False), ("main", "c", False)]
    assert project_on.versions("branch_heads_as_seen") == [*seen, ("main", "a", True), ("quiet", "e", True)]
    known = [*seen, ("main", "f", False), ("main", "a", True), ("quiet", "e", False), ("quiet", "e", True)]
    assert project_on.versions("dim_branch") == known

    gap = project_on.connection.execute(
        "select lead(valid_from) over (order by valid_from) > valid_to, valid_from > %s"
        " from navigate.branch_heads_as_seen where branch = 'feature' order by valid_from",
        [START + timedelta(days=30)],
    ).fetchall()
    assert gap == [(True, True), (None, True)], "a snapshot's times are those of its runs"


def test_times_of_snapshots_have_a_zone_and_readers_a_view(project_on: Project) -> None:
    project_on.push(0, {"main": "a"})
    project_on.build("+branch_heads_as_seen")
    types = project_on.connection.execute(
        "select distinct format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = 'navigate.branch_heads_as_seen'::regclass and attname in ('valid_from', 'valid_to')"
    ).fetchall()
    assert types == [("timestamp with time zone",)]
    kinds = project_on.connection.execute(
        "select relnamespace::regnamespace::text, relkind::text, obj_description(oid) <> '' from pg_class"
        " where relname = 'branch_heads_as_seen' order by 1"
    ).fetchall()
    assert kinds == [("navigate", "v", True), ("navigate_base", "r", True)]
    (recent,) = project_on.connection.execute(
        "select now() - valid_from between interval '0' and interval '10 minutes' from navigate.branch_heads_as_seen"
    ).fetchall()
    assert recent == (True,)


pytestmark = pytest.mark.usefixtures("cleared")


def test_figures_stay_as_they_were_published(project_on: Project) -> None:
    path = project_on.path / "samples" / "crm.customers"
    first, second = (
        [line for line in (path / name).read_bytes().split(b"\n") if b'"C-' in line]
        for name in ("2025-03-03.ndjson", "2025-03-04.ndjson")
    )
    source = load_sources(project_on.path)["crm.customers"]
    for lines in (first, second):
        prepare(project_on.connection, source)
        with project_on.connection.transaction():
            land_lines(project_on.connection, source, lines, name="test")
        project_on.build("+customer_segments_as_seen")
    query = "select segment, country_code, customers from {} order by 1, 2"
    published = project_on.connection.execute(
        query.format("navigate.customer_segments_as_seen where valid_to is null")
    ).fetchall()
    assert published == project_on.connection.execute(query.format("navigate.mart_customer_segments")).fetchall()
    (closed,) = project_on.connection.execute(
        "select count(*) from navigate.customer_segments_as_seen where valid_to is not null"
    ).fetchall()
    assert closed[0] > 0
