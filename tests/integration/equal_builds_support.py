"""What the tests of equal builds share: a warehouse that can be emptied, dbt upon it, and hashes of its tables."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from atlas.landing import land_lines, prepare
from atlas.sources import load_sources
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]

SCHEMAS = ("chart", "navigate_base")
# Reference data and models, without tests.
TABLES = ("--resource-type", "seed", "--resource-type", "model")
# What services tell of how people work together: read by nothing here, and a third of all models.
APART = "tag:collaboration"
# What one run leaves for the next, and what that reads. Whatever else there is, each run makes anew.
KEPT = ("--select", "+config.materialized:incremental", "+config.materialized:scd2")


@dataclass(frozen=True)
class Delivery:
    """One batch: JSON lines of a source."""

    source: str
    lines: tuple[bytes, ...]


@dataclass
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

    def dbt(self, command: str = "build") -> list[str]:
        """Arguments that make all tables, or those of another command."""
        directories = ("--project-dir", str(self.project), "--profiles-dir", str(self.project / "profiles"))
        return ["--quiet", command, *directories, *(TABLES if command == "build" else ())]

    def build(self, *selection: str, command: str = "build") -> None:
        """Run dbt in this process, which has loaded it already, upon the project as it was read once."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        outcome = dbtRunner(manifest=self.manifest).invoke([*self.dbt(command), *(selection or ("--exclude", APART))])
        results = getattr(outcome.result, "results", [])
        failed = [f"{result.node.name}: {result.message}" for result in results if result.message]
        assert outcome.success, outcome.exception or failed

    def advance(self, *selection: str) -> None:
        """Build what the next build will find, of which a few builds in a row are made: half the models, or fewer."""
        self.build(*KEPT, *selection)

    @cached_property
    def manifest(self) -> Any:
        """The project as dbt reads it."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        return dbtRunner().invoke(self.dbt("parse")).result

    def start_build(self) -> subprocess.Popen[str]:
        """Run dbt in a process of its own, which can be killed."""
        command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *self.dbt(), "--exclude", APART]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)

    def empty(self) -> None:
        """Forget all that was landed and built."""
        for source in load_sources(self.project).values():
            prepare(self.connection, source)
        self.connection.execute(EMPTIED)
        self.forget_what_was_built()

    def forget_what_was_built(self) -> None:
        """Keep what was landed, and nothing that was made of it."""
        self.connection.execute(FORGOTTEN)


EMPTIED = """
    do $$
    begin
        execute (
            select 'truncate ' || string_agg(oid::regclass::text, ', ')
            from pg_class where relnamespace = 'explore'::regnamespace and relkind = 'p'
        );
    end
    $$;
    truncate explore.batches, explore.quarantine, pipeline.checkpoints restart identity cascade
"""
FORGOTTEN = """
    drop schema chart, navigate, navigate_base cascade;
    create schema chart; create schema navigate; create schema navigate_base;
    truncate pipeline.batches_read
"""


@pytest.fixture(name="warehouse")
def fixture_warehouse(
    settings: Settings, connection: Connection, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Warehouse:
    """An empty one."""
    environment = {
        **dbt_places("atlas", settings.database_url, tmp_path),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_WRITE_JSON": "false",
    }
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Warehouse(project, settings, connection, environment | {"HOME": str(tmp_path)})


def named(warehouse: Warehouse, meaning: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Models, and model and column, whose YAML carries ``meta.<meaning>``."""
    models = [node for node in warehouse.manifest.nodes.values() if node.resource_type == "model"]
    columns = {
        (node.name, name) for node in models for name, column in node.columns.items() if column.config.meta.get(meaning)
    }
    return {node.name for node in models if node.config.meta.get(meaning)}, columns


COLUMNS = """
    select c.table_schema, c.table_name, quote_ident(c.column_name) from information_schema.columns c
    inner join pg_class p on p.oid = format('%%I.%%I', c.table_schema, c.table_name)::regclass
    where c.table_schema = any(%s) and not p.relispartition and p.relkind in ('r', 'p')
    order by 1, 2, c.ordinal_position
"""


def hashes(warehouse: Warehouse, *apart: str) -> dict[str, Any]:
    """A hash of each table's rows and of each of its columns, run-time stamps and what ``apart`` names left out."""
    models, left_out = named(warehouse, "run_stamp")
    assert left_out
    for meaning in apart:
        more_models, more_columns = named(warehouse, meaning)
        assert more_models or more_columns
        models, left_out = models | more_models, left_out | more_columns
    found: dict[str, Any] = {}
    columns: dict[str, list[str]] = {}
    for schema, table, column in warehouse.connection.execute(COLUMNS, [list(SCHEMAS)]).fetchall():
        if table.partition("__")[0] not in models and (table, column) not in left_out:
            columns.setdefault(f"{schema}.{table}", []).append(column)
    for table, names in columns.items():
        for expression in (*names, f"({', '.join(names)})"):
            (value,) = warehouse.connection.execute(
                f"select (count(*), md5(string_agg(v, '|' order by v)))::text"
                f" from (select coalesce({expression}::text, 'NULL') as v from {table}) as t"
            ).fetchall()[0]
            found[f"{table} {expression}"] = value
    return found


def different(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """The tables and columns in which two builds differ."""
    return sorted(key for key in expected | found if expected.get(key) != found.get(key))


def git(path: Path, moment: str, *arguments: str) -> None:
    """Run git in a directory, at a moment."""
    path.mkdir(exist_ok=True)
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
        "HOME": str(path),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_COMMITTER_NAME": f"Committer {moment[:10]}",
        "GIT_COMMITTER_EMAIL": "committer@example.org",
        "GIT_AUTHOR_NAME": "Author",
        "GIT_AUTHOR_EMAIL": "author@example.org",
        "GIT_COMMITTER_DATE": moment,
        "GIT_AUTHOR_DATE": moment,
    }
    subprocess.run(["git", *arguments], cwd=path, env=environment, check=True, capture_output=True)
