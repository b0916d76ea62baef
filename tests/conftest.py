"""Real servers for the tests: one PostgreSQL for the session, one fresh database a test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from psycopg import sql

from atlas import embedded
from atlas.database import connect
from atlas.embedded.cluster import administration
from atlas.embedded.layout import layout_of
from atlas.migrate import migrate, settle
from atlas.settings import DATABASE_ROLE, Settings
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from psycopg.rows import TupleRow

PROJECT = Path(__file__).parent.parent
numbers: set[int] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Bigger versions of what the usual run does."""
    parser.addoption(
        "--kill-trials", type=int, default=50, metavar="N", help="at how many random instants to kill a landing"
    )
    parser.addoption(
        "--repository", type=Path, metavar="PATH", help="a git repository to build as it grew and in one go"
    )
    parser.addoption(
        "--cut", choices=("day", "week", "month"), default="month", help="how often --repository is collected and built"
    )
    parser.addoption(
        "--write-privileges", action="store_true", help="write src/atlas/privileges.csv anew, as it was found"
    )


@pytest.fixture(scope="session")
def project() -> Path:
    """The repository's root, which is the dbt project's too."""
    return PROJECT


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A server on which databases may be made: of ATLAS_TEST_DATABASE_URL, or an embedded one of its own.

    The embedded one is the wheel's, or what ATLAS_POSTGRES_BIN says.
    """
    given = os.environ.get("ATLAS_TEST_DATABASE_URL")
    if given:
        yield _limited(given)
        return
    # Not pytest's tmp_path: a socket's name has to be short.
    home = Path(tempfile.mkdtemp(prefix="atlas-test-"))
    settings = Settings(
        home=home,
        database_url=None,
        postgres_bin=Path(path) if (path := os.environ.get("ATLAS_POSTGRES_BIN")) else None,
        project_hint=PROJECT,
    )
    embedded.start(settings)
    try:
        # Nothing here outlives the machine's crash, and making and dropping databases waits for the disk most of all.
        with administration(layout_of(settings)) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield f"postgresql://{DATABASE_ROLE}@/postgres?host={quote(str(settings.socket_directory), safe='')}"
    finally:
        data = embedded.status(settings).data_directory
        embedded.stop(settings)
        shutil.rmtree(home, ignore_errors=True)
        if data.is_relative_to(embedded.STORE):
            shutil.rmtree(data.parent, ignore_errors=True)


def _limited(url: str) -> str:
    """The same server by a login such as Atlas works with: no superuser, but it makes databases and roles."""
    with psycopg.connect(url) as connection:
        if connection.execute("select rolsuper from pg_roles where rolname = session_user").fetchone() != (True,):
            return url
        # Processes of one run come here at once.
        connection.execute("select pg_advisory_xact_lock(1)")
        if connection.execute("select to_regrole('atlas_tests')").fetchone() == (None,):
            connection.execute("create role atlas_tests login createdb createrole password 'only for tests'")
            connection.execute("grant pg_signal_backend to atlas_tests with admin option")
        for (role,) in connection.execute("select rolname from pg_roles where rolname ~ '^atlas_' and not rolcanlogin"):
            connection.execute(sql.SQL("grant {} to atlas_tests with admin option").format(sql.Identifier(role)))
    parts = urlsplit(url)
    return parts._replace(netloc=f"atlas_tests:only%20for%20tests@{parts.netloc.rpartition('@')[2]}").geturl()


@pytest.fixture(scope="session")
def drop_database(server_url: str) -> Callable[[str], None]:
    """How to drop a database, if it is there, with its sessions."""

    def drop(name: str) -> None:
        with psycopg.connect(server_url, autocommit=True) as connection:
            # Not WITH (FORCE): that fails over an autovacuum worker, whose end PostgreSQL otherwise just waits for.
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = current_user",
                [name],
            )
            connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))

    return drop


def _url(server_url: str, database: str) -> str:
    return urlsplit(server_url)._replace(path=f"/{database}").geturl()


def _settings(url: str) -> Settings:
    return Settings(home=Path("/nonexistent"), database_url=url, postgres_bin=None, project_hint=PROJECT)


@pytest.fixture(scope="session")
def template(server_url: str, drop_database: Callable[[str], None]) -> Iterator[str]:
    """A migrated database, to be copied; each process of a run has its own, also on a server that was given."""
    name = f"atlas_test_template_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    migrate(_settings(_url(server_url, name)))
    yield name
    drop_database(name)


@pytest.fixture(scope="session")
def copy_database(server_url: str) -> Callable[[str, str], Settings]:
    """How to make a database, as a copy of a migrated one, by their names."""
    # A third of the work, where the disk isn't waited for.
    strategy = sql.SQL("wal_log" if "ATLAS_TEST_DATABASE_URL" in os.environ else "file_copy")

    def copy(name: str, template: str) -> Settings:
        with psycopg.connect(server_url, autocommit=True) as connection:
            statement = sql.SQL("create database {} template {} strategy {}").format(
                sql.Identifier(name), sql.Identifier(template), strategy
            )
            connection.execute(statement)
        settings = _settings(_url(server_url, name))
        settle(settings)
        return settings

    return copy


@pytest.fixture(scope="session")
def database_name(drop_database: Callable[[str], None]) -> Callable[[], AbstractContextManager[str]]:
    """A name for a database that is dropped at the end: the first that is free, since dbt's parses are by name."""

    @contextmanager
    def lend() -> Iterator[str]:
        number = next(number for number in itertools.count(1) if number not in numbers)
        numbers.add(number)
        name = f"atlas_test_{os.getpid()}_{number}"
        yield name
        # One that can't be dropped keeps its name.
        drop_database(name)
        numbers.remove(number)

    return lend


@pytest.fixture(scope="module")
def database(
    copy_database: Callable[[str, str], Settings],
    template: str,
    database_name: Callable[[], AbstractContextManager[str]],
) -> Iterator[Settings]:
    """Settings of a migrated database that a module's tests share: making one takes longer than most of them do."""
    with database_name() as name:
        yield copy_database(name, template)


@pytest.fixture
def make_database(
    server_url: str,
    copy_database: Callable[[str, str], Settings],
    database_name: Callable[[], AbstractContextManager[str]],
) -> Iterator[Callable[[str | None], Settings]]:
    """Make databases, copies of a template or empty; they are dropped after the test."""
    made = ExitStack()

    def make(template: str | None) -> Settings:
        name = made.enter_context(database_name())
        if template is not None:
            return copy_database(name, template)
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        return _settings(_url(server_url, name))

    with made:
        yield make


@pytest.fixture
def empty_settings(make_database: Callable[[str | None], Settings]) -> Settings:
    """Settings of a database with nothing in it."""
    return make_database(None)


@pytest.fixture
def settings(make_database: Callable[[str | None], Settings], template: str) -> Settings:
    """Settings of a migrated database with no rows."""
    return make_database(template)


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection to the database of ``settings``, in autocommit mode."""
    with connect(settings) as opened:
        yield opened


@pytest.fixture
def cleared(connection: psycopg.Connection[TupleRow]) -> None:
    """The tests' login sees values in the views that people read; without it, masks, as everybody."""
    connection.execute(
        "insert into compliance.role_grants (login, login_oid, role)"
        " select rolname, oid, 'atlas_clearance_secret' from pg_roles where rolname = session_user"
    )


@pytest.fixture
def environment(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose database is that of ``settings``, for commands run as processes."""
    return _environment(settings, tmp_path)


@pytest.fixture(scope="session")
def environment_of() -> Callable[[Settings, Path], dict[str, str]]:
    """How to make such an environment for another database, with a directory for what the commands write."""
    return _environment


def _environment(settings: Settings, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ATLAS_", "DBT_", "PG"))}
    return kept | {
        "ATLAS_PROJECT": str(PROJECT),
        "HOME": str(tmp_path),
        # Runs side by side must not share dbt's files, and a test leaves none in the project.
        **dbt_places("atlas", settings.database_url, tmp_path),
    }
