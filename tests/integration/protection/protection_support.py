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
# Of the project beside this file: what it reads,
TABLES = f"""
    create domain explore.code as text not null check (value <> 'redacted');
    create type explore.mood as enum ('sunny');
    create table explore.people (
        id integer, email text, phone varchar(30), city text, joined_on date, code explore.code, mood explore.mood,
        tags text[], document jsonb
    );
    insert into explore.people values
    (
        1, '{CANARY}@example.org', '+49 30 1234567', 'seen', '2024-02-03', '{CANARY}', 'sunny', '{{{CANARY}}}',
        '"{CANARY}"'
    ),
    (2, 'other@example.org', null, 'hidden', '2025-02-03', 'x', null, null, null),
    (3, null, null, 'elsewhere', '2025-02-03', 'y', null, null, null);
    create table explore.many as select generate_series(1, 100000) as id;
    create table explore.odd_values (
        id serial, redacted text, short varchar(2), padded char(30), email text, hidden text, digits text, day date,
        moment timestamptz, local timestamp(3)
    )
"""
# a view of rows without its protection,
TELLING = """
    create or replace view navigate.looked_up_by_rows with (security_barrier) as
    select * from navigate_base.looked_up_by_rows where country <> 'CH'
"""
# conditions by which plans would tell whether there is a value, with what takes their protection off,
TELLING_PLANS = [
    # Statistics of the index.
    ("looked_up", "email < '{}'", "person5", "zerson5", None),
    ("looked_up", "number < '{}'", "C-5", "A-5", None),
    # Statistics of columns, and what the index gives and the filter takes away, of rows that aren't shown.
    ("looked_up_by_rows", "amount >= {}", 950001, 2000001, TELLING),
    ("looked_up_by_rows", "label = '{}'", "hidden 10", "hidden 99", TELLING),
]
# and what it may not declare.
WRONG = {
    "{clasification: public}": "meta has no key clasification; a column has classification, pii,",
    "{classification: confidental}": "classification must be one of public, internal,",
    "{pii: [email]}": "pii must be one of email, phone,",
    "{classification: public, pii: email}": "personal data of the kind email is confidential at least, not public.",
    "{lookup: often}": "lookup must be true or false.",
    "{classification: public, lookup: true}": "lookup is for what not everybody sees;",
    "{mask: null}": "mask must be one of null, redact,",
    "{mask: email}": "mask email can't mask date; it can text,",
    "{mask: pseudonym}": "mask pseudonym can't mask date",
}
WRONG_TABLES = {
    "{retain: forever}": "meta has no key retain; a table has owner,",
    "{row_access: all}": "row_access must have a condition, in SQL on the columns.",
    "{row_access: {condition: 'true', except: x}}": "meta has no key except; a row_access has condition, unless.",
    "{row_access: {condition: 'true', unless: public}}": "row_access's unless must be one of internal,",
}


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

    def plan(self, login: str, query: str, value: object, how: str) -> str:
        """How a query is carried out for a login, without the value that it asks for."""
        with self.session(login) as session:
            session.execute("set max_parallel_workers_per_gather = 0")
            return told(session, f"explain ({how}) {query.format(value)}").replace(str(value), "?")

    def indexes_used(self, login: str, query: str) -> tuple[set[str], int]:
        """The indexes that a query of a login really reads, and how many tables it reads from end to end."""
        with self.session(login) as session:
            ((found,),) = session.execute(f"explain (analyze, format json) {query}").fetchall()
        nodes, indexes, scans = [found[0]["Plan"]], set[str](), 0
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", [])
            if node["Actual Loops"] and "Index Name" in node:
                indexes.add(node["Index Name"])
            scans += bool(node["Actual Loops"]) and node["Node Type"] == "Seq Scan"
        return indexes, scans


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
