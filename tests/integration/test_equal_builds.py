"""Day by day, in one go, killed and tried again, shuffled, facts first: the same tables, column by column.

Columns that say when or with what a record arrived differ; the models' YAML names them by ``meta.run_stamp``.
"""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from equal_builds_support import APART, Delivery, Warehouse, different, fixture_warehouse, git, hashes  # noqa: F401

from atlas.collectors.git import collect_repository
from atlas.database import connect
from atlas.sources import load_sources

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]


@pytest.fixture
def days(warehouse: Warehouse, project: Path, tmp_path: Path) -> list[list[Delivery]]:
    """What arrives day by day: the samples, and a repository whose history is added to and rewritten."""
    files = sorted((project / "samples" / "crm.customers").glob("*.ndjson"))
    customers = [Delivery("crm.customers", tuple(path.read_bytes().split(b"\n"))) for path in files]
    found = [[delivery] for delivery in customers]
    for number, commands in enumerate(HISTORY):
        for command in commands:
            git(tmp_path / "repository", f"2025-03-{3 + number:02d}T12:00:00Z", *command)
        before = last_batch(warehouse.connection)
        collect_repository(warehouse.connection, load_sources(project), tmp_path / "repository")
        found[number] += collected(warehouse.connection, before)
    return found


HISTORY: tuple[list[tuple[str, ...]], ...] = (
    [
        ("init", "-q", "-b", "main"),
        *[("commit", "-q", "--allow-empty", "-m", f"{n}", "--author", f"Ann <a{n % 2}@x>") for n in range(6)],
        ("tag", "v1"),
        ("tag", "-a", "v0.1", "-m", "The first"),
    ],
    [
        ("checkout", "-q", "-b", "feature", "HEAD~2"),
        ("commit", "-q", "--allow-empty", "-m", "On the side", "--author", "Ann Married <a1@x>"),
        ("tag", "-a", "v0.2", "-m", "The second", "HEAD~1"),
    ],
    [("checkout", "-q", "main"), ("branch", "-q", "-D", "feature"), ("reset", "-q", "--hard", "HEAD~3")],
    [("commit", "-q", "--allow-empty", "-m", "Anew", "--author", "Robot <r@x>"), ("tag", "-d", "v1")],
    [("merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "Back", "ORIG_HEAD")],
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


def day_by_day(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    for day in days:
        warehouse.land(day)
        warehouse.build()


def killed_and_tried_again(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    """Killed while the dimension of the customers waits to write its events: some models are done by then, some not."""
    warehouse.land([delivery for day in days[:2] for delivery in day])
    warehouse.build()
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
    for part in (deliveries[:3], deliveries[3:6], deliveries[6:]):
        warehouse.land(part)
        warehouse.build()


def facts_before_dimensions(warehouse: Warehouse, days: list[list[Delivery]]) -> None:
    """Facts that don't find their member, or only an old name, until the dimensions have read the same day."""
    dimensions = ("dim_developer", "dim_repository")
    for number, day in enumerate(days):
        warehouse.land(day)
        if number:
            warehouse.build("--exclude", *dimensions, APART)
        warehouse.build("--select", *(f"+{name}" for name in dimensions))
    (unknown,) = warehouse.connection.execute(UNKNOWN).fetchall()[0]
    assert unknown, "no fact had to wait for its member"
    warehouse.build()


UNKNOWN = """
    select count(*) from navigate_base.fct_commit
    where author_version_key = '00000000-0000-0000-0000-000000000000'
"""
