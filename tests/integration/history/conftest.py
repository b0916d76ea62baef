"""One database and one dbt project for each module of tests of history."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from history_support import ROOT, Project, Statements, make_project, record
from psycopg import sql

from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg.rows import TupleRow


@pytest.fixture(scope="module")
def database(
    request: pytest.FixtureRequest, server_url: str, template: str, drop_database: Callable[[str], None]
) -> Iterator[Settings]:
    """A migrated database, shared by a module's tests."""
    name = f"atlas_{request.module.__name__}_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, template))))
    yield Settings(Path("/nonexistent"), urlsplit(server_url)._replace(path=f"/{name}").geturl(), None, ROOT)
    drop_database(name)


@pytest.fixture(scope="module")
def db(database: Settings) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection to it, in autocommit mode."""
    with psycopg.connect(str(database.database_url), autocommit=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def history(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A dbt project without models, on it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield make_project(tmp_path_factory.mktemp("history") / "project", database, monkeypatch)


@pytest.fixture(scope="module")
def statements(history: Project, db: psycopg.Connection[TupleRow]) -> Statements:
    """What dbt runs for ``dim_thing``."""
    return record(history, db)
