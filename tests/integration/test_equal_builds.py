"""Day by day, in one go, killed and tried again, shuffled, facts first: the same tables, column by column.

Columns that say when or with what a record arrived differ; the models' YAML names them by ``meta.run_stamp``.
"""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
from by_hand.histories import Incident
from by_hand.teams import Version, landed_incidents, landed_teams
from equal_builds_support import Delivery, Warehouse, different, fixture_warehouse, git, hashes  # noqa: F401

from atlas.collectors.git import collect_repository
from atlas.database import connect
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]


@pytest.fixture
def days(warehouse: Warehouse, project: Path, tmp_path: Path) -> list[list[Delivery]]:
    """What arrives day by day: the samples, a repository whose history is rewritten, its teams and its incidents."""
    files = sorted((project / "samples" / "crm.customers").glob("*.ndjson"))
    customers = [Delivery("crm.customers", tuple(path.read_bytes().split(b"\n"))) for path in files]
    found = [[delivery] for delivery in customers]
    for number, commands in enumerate(HISTORY):
        for command in commands:
            git(tmp_path / "repository", f"2025-03-{3 + number:02d}T12:00:00Z", *command)
        before = last_batch(warehouse.connection)
        collect_repository(warehouse.connection, load_sources(project), tmp_path / "repository", name=NAME)
        found[number] += collected(warehouse.connection, before) + told(number)
    return found


NAME = "github.com/acme/shop"


def told(number: int) -> list[Delivery]:
    """What the service says of a day: Ben changes team, a release breaks something, and so does one that is deleted."""

    def at(day: int) -> int:
        return int(datetime(2025, 3, day, 18, tzinfo=UTC).timestamp())

    incidents = [Incident("v0.0.3 broke it.", at(4), at(5)), Incident("Since v0.0.2 it is slow.", at(6), None)]
    return {
        0: [*landed_teams([Version("7", at(1), ("ben",))]), *landed_incidents([NAME], {})],
        1: landed_incidents([NAME], {NAME: incidents[:1]}),
        2: landed_teams([Version("8", at(4), ("ben",)), Version("7", at(5), ())]),
        3: landed_incidents([NAME], {NAME: incidents}),
    }.get(number, [])


HISTORY: tuple[list[tuple[str, ...]], ...] = (
    [
        ("init", "-q", "-b", "main"),
        *[("commit", "-q", "--allow-empty", "-m", f"{n}", "--author", f"Ann <a{n % 2}@x>") for n in range(6)],
        ("tag", "v1"),
        ("tag", "-a", "v0.1", "-m", "The first"),
        ("tag", "-a", "v0.0.1", "-m", "A release", "HEAD~4"),
        ("tag", "-a", "v0.0.2", "-m", "Another", "HEAD~1"),
    ],
    [
        ("checkout", "-q", "-b", "feature", "HEAD~2"),
        ("commit", "-q", "--allow-empty", "-m", "On the side", "--author", "Ann Married <a1@x>"),
        ("tag", "-a", "v0.2", "-m", "The second", "HEAD~1"),
        ("tag", "-a", "v0.0.3", "-m", "A release aside"),
    ],
    [
        ("checkout", "-q", "main"),
        ("branch", "-q", "-D", "feature"),
        ("reset", "-q", "--hard", "HEAD~3"),
        ("tag", "-f", "-a", "v0.0.2", "-m", "A release that moves"),
    ],
    [
        ("commit", "-q", "--allow-empty", "-m", "Anew", "--author", "Ben <8+ben@users.noreply.github.com>"),
        ("tag", "-d", "v1"),
        ("tag", "-d", "v0.0.3"),
    ],
    [
        ("merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "Back", "ORIG_HEAD"),
        ("tag", "-a", "v0.1.0", "-m", "A release"),
        # By the time of its commit it comes before that, and so is late.
        ("tag", "v0.0.4", "HEAD~1"),
    ],
)


def last_batch(connection: Connection) -> int:
    row = connection.execute("select coalesce(max(batch_id), 0) from explore.batches").fetchone()
    assert row is not None
    return int(row[0])


def collected(connection: Connection, after: int) -> list[Delivery]:
    """What a collection landed, to be landed elsewhere: the collector's clock can't be asked to run again."""
    deliveries = []
    for entity in ("commits", "refs"):
        rows = connection.execute(
            f"select payload from explore.raw_git__{entity} where batch_id > %s order by batch_id, line", [after]
        )
        lines = tuple(json.dumps(payload).encode() for (payload,) in rows)
        deliveries += [Delivery(f"git.{entity}", lines)] if lines else []
    return deliveries


def test_five_ways_to_build_give_the_same_tables(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    ways = {
        way.__name__: way for way in (in_one_go, day_by_day, killed_and_tried_again, shuffled, facts_before_dimensions)
    }
    results = {}
    for name, way in ways.items():
        warehouse.empty()
        way(warehouse, days)
        results[name] = hashes(warehouse)
    expected = results.pop("in_one_go")
    assert len(expected) > 100
    for name, result in results.items():
        assert different(expected, result) == [], f"{name} differs from one go"


def in_one_go(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    warehouse.land([delivery for day in days for delivery in day])
    warehouse.build()
    for told_of in (
        "bridge_team_member",
        "bridge_commit_team where team like '%web'",
        "fct_incident where issue_id <> ''",
    ):
        (number,) = warehouse.connection.execute(f"select count(*) from navigate_base.{told_of}").fetchall()[0]
        assert number, told_of


def day_by_day(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    for day in days[:-1]:
        warehouse.land(day)
        warehouse.advance()
    warehouse.land(days[-1])
    warehouse.build()


def killed_and_tried_again(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    """Killed while the dimension of the customers waits to write its events: some models are done by then, some not."""
    warehouse.land([delivery for day in days[:2] for delivery in day])
    warehouse.advance()
    warehouse.land([delivery for day in days[2:] for delivery in day])
    with connect(warehouse.settings) as other, other.transaction():
        other.execute("lock table navigate_base.dim_customer__events in exclusive mode")
        process = warehouse.start_build()
        deadline = time.monotonic() + 120
        waiting = "select from pg_locks where not granted and relation = 'navigate_base.dim_customer__events'::regclass"
        while not warehouse.connection.execute(waiting).fetchall():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
        process.communicate()
    warehouse.build()


def shuffled(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    """All records of a source in another order, cut into other batches, built now and then."""
    chance = random.Random(5)  # noqa: S311 - nothing secret
    deliveries = []
    for source in sorted({delivery.source for day in days for delivery in day}):
        lines = [line for day in days for delivery in day if delivery.source == source for line in delivery.lines]
        chance.shuffle(lines)
        cut = len(lines) // 3
        deliveries += [Delivery(source, tuple(part)) for part in (lines[:cut], lines[cut : 2 * cut], lines[2 * cut :])]
    chance.shuffle(deliveries)
    for part in (deliveries[:3], deliveries[3:6]):
        warehouse.land(part)
        warehouse.advance()
    warehouse.land(deliveries[6:])
    warehouse.build()


def facts_before_dimensions(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    """Facts that don't find their member, or only an old name, until the dimensions have read the same days."""
    dimensions = ("dim_developer", "dim_repository")
    for number, part in enumerate((days[:1], days[1:3], days[3:])):
        warehouse.land([delivery for day in part for delivery in day])
        if number:
            warehouse.build("--select", "+fct_commit", "--exclude", *dimensions)
        warehouse.build("--select", *(f"+{name}" for name in dimensions))
    (unknown,) = warehouse.connection.execute(UNKNOWN).fetchall()[0]
    assert unknown, "no fact had to wait for its member"
    warehouse.build()


UNKNOWN = """
    select count(*) from navigate_base.fct_commit
    where author_version_key = '00000000-0000-0000-0000-000000000000'
"""
