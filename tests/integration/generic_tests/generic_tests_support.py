"""A dbt project with Atlas's generic tests, on tables that are made for them, and dbt run in this process."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from atlas.settings import Settings
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent


class Told(NamedTuple):
    """What dbt says of a run.

    Attributes:
        results: of each test that ran.
        said: what it wrote for people, and its exception.
    """

    results: list[Any]
    said: str


def run_dbt(project: Path, *arguments: str) -> Told:
    """Run dbt on the database of ATLAS_DATABASE_URL."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    lines: list[str] = []

    def on_event(event: Any) -> None:
        if event.info.level != "debug":
            lines.append(event.info.msg)

    directories = ("--project-dir", str(project), "--profiles-dir", str(ROOT / "profiles"))
    runner = dbtRunner(callbacks=[on_event])
    outcome = runner.invoke(["--quiet", *arguments, *directories])
    results = getattr(outcome.result, "results", [])
    of_tests = [result for result in results if result.node.resource_type == "test"]
    return Told(of_tests, "\n".join([str(outcome.exception), *lines]))


def make_project(directory: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """A project without models on the database of ``settings``."""
    directory.mkdir()
    shutil.copy(HERE / "project" / "dbt_project.yml", directory)
    shutil.copytree(ROOT / "macros", directory / "macros")
    shutil.copytree(ROOT / "tests/dbt/generic", directory / "tests/generic")
    (directory / "models").mkdir()
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in dbt_places("generic_tests", settings.database_url, directory).items():
        monkeypatch.setenv(name, value)
    return directory


@pytest.fixture(scope="module", name="db")
def fixture_db(database: Settings) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection to it, in autocommit mode, with the tables of the cases."""
    with psycopg.connect(str(database.database_url), autocommit=True) as opened:
        opened.execute((HERE / "tables.sql").read_bytes())
        yield opened
