"""Day by day, in one go, killed and tried again, shuffled, facts first: the same tables, column by column.

Columns that say when or with what a record arrived differ; the models' YAML names them by ``meta.run_stamp``.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from atlas.collectors.git import collect_repository
from atlas.database import connect
from atlas.landing import land_lines, prepare
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]

SCHEMAS = ("chart", "navigate_base")


@dataclass(frozen=True)
class Delivery:
    """One batch: JSON lines of a source."""

    source: str
    lines: tuple[bytes, ...]


@dataclass(frozen=True)
class Warehouse:
    """A database, and dbt upon it."""

    project: Path
    settings: Settings
    connection: Connection
    environment: dict[str, str]

    def land(self, deliveries: Sequence[Delivery]) -> None:
        """Land each as a batch."""
        sources = load_sources(self.project)
        for number, delivery in enumerate(deliveries):
            source = sources[delivery.source]
            prepare(self.connection, source)
            with self.connection.transaction():
                land_lines(self.connection, source, delivery.lines, name=f"delivery {number}")

    def dbt(self) -> list[str]:
        """Arguments of a run of all models."""
        return ["--quiet", "run", "--project-dir", str(self.project), "--profiles-dir", str(self.project / "profiles")]

    def build(self, *selection: str) -> None:
        """Run dbt in this process, which has loaded it already."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        outcome = dbtRunner().invoke([*self.dbt(), *selection])
        assert outcome.success, outcome.exception

    def start_build(self) -> subprocess.Popen[str]:
        """Run dbt in a process of its own, which can be killed."""
        command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *self.dbt()]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)

    def empty(self) -> None:
        """Forget all that was landed and built."""
        for source in load_sources(self.project).values():
            prepare(self.connection, source)
        self.connection.execute(EMPTIED)


EMPTIED = """
    drop schema chart, navigate, navigate_base cascade;
    create schema chart; create schema navigate; create schema navigate_base;
    truncate explore.raw_crm__customers, explore.raw_git__commits, explore.raw_git__refs;
    truncate explore.batches, explore.quarantine, pipeline.batches_read restart identity cascade
"""


@pytest.fixture
def warehouse(
    settings: Settings, connection: Connection, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Warehouse:
    """An empty one."""
    environment = {
        "ATLAS_DATABASE_URL": str(settings.database_url),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Warehouse(project, settings, connection, environment | {"HOME": str(tmp_path)})


@pytest.fixture
def days(warehouse: Warehouse, project: Path, tmp_path: Path) -> list[list[Delivery]]:
    """What arrives day by day: the samples, and a repository whose history is added to and rewritten."""
    files = sorted((project / "samples" / "crm.customers").glob("*.ndjson"))
    customers = [Delivery("crm.customers", tuple(path.read_bytes().split(b"\n"))) for path in files]
    found = [[delivery] for delivery in customers]
    for number, commands in enumerate(HISTORY):
        for command in commands:
            git(tmp_path / "repository", number, *command)
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


def git(path: Path, day: int, *arguments: str) -> None:
    path.mkdir(exist_ok=True)
    moment = f"2025-03-{3 + day:02d}T12:00:00Z"
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
        "HOME": str(path),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_COMMITTER_NAME": f"Committer {day}",
        "GIT_COMMITTER_EMAIL": "committer@example.org",
        "GIT_AUTHOR_NAME": "Author",
        "GIT_AUTHOR_EMAIL": "author@example.org",
        "GIT_COMMITTER_DATE": moment,
        "GIT_AUTHOR_DATE": moment,
    }
    subprocess.run(["git", *arguments], cwd=path, env=environment, check=True, capture_output=True)


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


def stamps(warehouse: Warehouse) -> set[tuple[str, str]]:
    """Model and column of each run-time stamp that the YAML names, by the manifest that dbt wrote."""
    target = warehouse.environment["DBT_TARGET_PATH"]
    with open(f"{target}/manifest.json") as file:  # noqa: PTH123
        manifest = json.load(file)
    return {
        (node["name"], name)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for name, column in node["columns"].items()
        if column["config"].get("meta", {}).get("run_stamp")
    }


def hashes(warehouse: Warehouse) -> dict[str, Any]:
    """A hash of each table's rows and of each of its columns, stamps apart."""
    left_out = stamps(warehouse)
    assert left_out
    found: dict[str, Any] = {}
    columns: dict[str, list[str]] = {}
    for schema, table, column in warehouse.connection.execute(
        "select c.table_schema, c.table_name, quote_ident(c.column_name) from information_schema.columns c"
        " inner join pg_class p on p.oid = format('%%I.%%I', c.table_schema, c.table_name)::regclass"
        " where c.table_schema = any(%s) and not p.relispartition and p.relkind in ('r', 'p')"
        " order by 1, 2, c.ordinal_position",
        [list(SCHEMAS)],
    ).fetchall():
        if (table, column) not in left_out:
            columns.setdefault(f"{schema}.{table}", []).append(column)
    for table, names in columns.items():
        for expression in (*names, f"({', '.join(names)})"):
            (value,) = warehouse.connection.execute(
                f"select (count(*), md5(string_agg(v, '|' order by v)))::text"
                f" from (select coalesce({expression}::text, 'NULL') as v from {table}) as t"
            ).fetchall()[0]
            found[f"{table} {expression}"] = value
    return found


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
        different = {key for key in expected | result if expected.get(key) != result.get(key)}
        assert not different, f"{name} differs from one go in {sorted(different)}"


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
            warehouse.build("--exclude", *dimensions)
        warehouse.build("--select", *(f"+{name}" for name in dimensions))
    (unknown,) = warehouse.connection.execute(UNKNOWN).fetchall()[0]
    assert unknown, "no fact had to wait for its member"
    warehouse.build()


UNKNOWN = """
    select count(*) from navigate_base.fct_commit
    where author_version_key = '00000000-0000-0000-0000-000000000000'
"""
