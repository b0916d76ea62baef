"""What the tests of protection share: logins with and without clearance, and what such a login gets to see."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from atlas.database import connect
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

ROOT = Path(__file__).parents[3]
# Whatever holds this is a value that only the cleared may see.
CANARY = "qzcanary"
PASSWORD = "only for tests"
# What each run of dbt asks at its start.
DBT_ASKS = re.sub(
    r".*macro postgres__schema_check_sql.*?%}(.*?){%.*",
    r"\1",
    (ROOT / "macros/project/schema_check_sql.sql").read_text(),
    flags=re.DOTALL,
)


@dataclass
class Warehouse:
    """A database, its owner's connection, and how to log in as somebody who reads.

    Attributes:
        owner: works as atlas_owner, in autocommit mode.
        low: a login that may read, and is cleared for nothing.
        cleared: one that is cleared for `restricted`.
    """

    settings: Settings
    owner: psycopg.Connection[TupleRow]
    low: str
    cleared: str
    statements: dict[str, str] = field(default_factory=dict)

    def run(self, *statements: str) -> None:
        """Run statements as the owner."""
        for statement in statements:
            self.owner.execute(statement)

    @contextmanager
    def as_login(self) -> Iterator[None]:
        """Let the owner's connection work as its login, which grants what belongs to the server."""
        self.owner.execute("set role none")
        try:
            yield
        finally:
            self.owner.execute("set role atlas_owner")

    def rows(self, query: str) -> list[TupleRow]:
        """What the owner sees."""
        return self.owner.execute(query).fetchall()

    @contextmanager
    def session(self, login: str) -> Iterator[psycopg.Connection[TupleRow]]:
        """A session of a login, in autocommit mode."""
        with psycopg.connect(self.url(login), autocommit=True) as opened:
            yield opened

    def url(self, login: str) -> str:
        """How a login reaches the database."""
        parts = urlsplit(str(self.settings.database_url))
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{login}:{PASSWORD.replace(' ', '%20')}@{host}").geturl()

    def seen(self, *statements: str, login: str | None = None) -> str:
        """All that a login gets to see of statements: rows, what they copy out, errors and notices."""
        shown: list[str] = []
        with self.session(login or self.low) as session:
            session.add_notice_handler(lambda notice: shown.append(str(notice.message_primary)))
            shown.extend([told(session, statement) for statement in statements])
        return "\n".join(shown)


def superuser_url(settings: Settings) -> str:
    """How a superuser reaches the database: the embedded server's, or whoever was given with a server."""
    parts = urlsplit(str(settings.database_url))
    given = urlsplit(os.environ.get("ATLAS_TEST_DATABASE_URL", f"//postgres@{parts.netloc.rpartition('@')[2]}"))
    return parts._replace(netloc=given.netloc).geturl()


def told(session: psycopg.Connection[TupleRow], statement: str) -> str:
    """What one statement tells."""
    try:
        if statement.startswith("copy "):
            with session.cursor() as cursor, cursor.copy(statement) as copied:
                return "".join(bytes(block).decode() for block in copied)
        cursor = session.execute(statement)
        return "\n".join(map(str, cursor.fetchall())) if cursor.description else ""
    except psycopg.Error as error:
        return str(error)


def run_dbt(project: Path, settings: Settings, *arguments: str, key: str | None = None) -> Any:
    """Run dbt in this process on a database; returns what dbtRunner does."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    from atlas.database import key_for_dbt  # noqa: PLC0415

    directories = ("--project-dir", str(project), "--profiles-dir", str(ROOT / "profiles"))
    with key_for_dbt(replace(settings, pseudonym_key=key)):
        return dbtRunner().invoke(["--quiet", *arguments, *directories])


@contextmanager
def clean_environment(settings: Settings, directory: Path) -> Iterator[None]:
    """Of dbt: which database, and where to write."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
            monkeypatch.delenv(name)
        for name, value in dbt_places(directory.name, settings.database_url, directory).items():
            monkeypatch.setenv(name, value)
        yield


@contextmanager
def warehouse_on(server_url: str, settings: Settings, drop: Callable[[str], None]) -> Iterator[Warehouse]:
    """A migrated database with its logins, all of which go at the end."""
    name = urlsplit(str(settings.database_url)).path.removeprefix("/")
    logins = [f"{name}_{kind}" for kind in ("low", "cleared")]
    with psycopg.connect(server_url, autocommit=True) as server:
        for login in logins:
            server.execute(
                sql.SQL("create role {} login password {}").format(sql.Identifier(login), sql.Literal(PASSWORD))
            )
    try:
        with connect(settings) as owner:
            for login in logins:
                owner.execute("select compliance.grant_role(%s, 'atlas_read')", [login])
            owner.execute("select compliance.grant_role(%s, 'atlas_clearance_restricted')", [logins[1]])
            yield Warehouse(settings, owner, logins[0], logins[1])
    finally:
        drop(name)
        with psycopg.connect(server_url, autocommit=True) as server:
            for login in logins:
                server.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


def scratch_project(directory: Path) -> Path:
    """The dbt project beside this file, with Atlas's macros."""
    shutil.copytree(Path(__file__).parent / "project", directory)
    shutil.copytree(ROOT / "macros", directory / "macros")
    return directory


def values(rows: Sequence[TupleRow]) -> list[Any]:
    """The first column."""
    return [row[0] for row in rows]
