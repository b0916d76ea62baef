"""The server that everyone is measured on, and a fresh, migrated database for each run."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import pq, sql

from atlas import embedded
from atlas.migrate import migrate, settle
from atlas.settings import DATABASE_ROLE, Settings
from bench.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

ROOT = Path(__file__).resolve().parent.parent
numbers = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A running server on which databases may be made.

    Attributes:
        url: libpq URI of a database to work from.
        version: of the server, as it says itself.
        kind: ``embedded``, or ``given`` by --server.
        template: the migrated database that is copied for each run.
    """

    url: str
    version: str
    kind: str
    template: str = ""

    def database_url(self, name: str) -> str:
        """The URI of another database of the server."""
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """A migrated database for one run, by its URI; dropped afterwards.

        Before the caller goes on, all that was written until then is on disk.
        """
        name = f"atlas_bench_{os.getpid()}_{next(numbers)}"
        with _made(self.url, name, self.template):
            settle(_settings(self.database_url(name)))
            self.settle()
            yield self.database_url(name)
            self.settle()

    def settle(self) -> None:
        """Write out what the last run has left in memory, so that the next one doesn't pay for it.

        Raises:
            BenchError: the server's role may not do that.
        """
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute("checkpoint")
        except psycopg.errors.InsufficientPrivilege as error:
            raise BenchError("The role of --server may not CHECKPOINT. Grant it: grant pg_checkpoint to …") from error
        os.sync()


@contextmanager
def running_server(choice: str, workspace: Path, postgres_bin: Path | None) -> Iterator[Server]:
    """The server to measure on, with its template.

    Args:
        choice: ``embedded`` for one of its own, with the settings that a user gets, else a libpq URI of a server whose
            role may make databases and CHECKPOINT.
        workspace: a directory on a disk, not in memory, for the embedded server.
        postgres_bin: directory with the programs of another PostgreSQL for the embedded server.
    """
    if choice != "embedded":
        with _with_template(choice, "given") as server:
            yield server
        return
    home = Path(tempfile.mkdtemp(dir=workspace, prefix="home-"))
    settings = Settings(home=home, database_url=None, postgres_bin=postgres_bin, project_hint=ROOT)
    try:
        embedded.start(settings)
        at = f"/postgres?host={quote(str(settings.socket_directory), safe='')}"
        with psycopg.connect(f"postgresql://postgres@{at}") as connection:
            connection.execute(sql.SQL("grant pg_checkpoint to {}").format(sql.Identifier(DATABASE_ROLE)))
        url = f"postgresql://{DATABASE_ROLE}@{at}"
        with _with_template(url, "embedded") as server:
            yield server
    finally:
        data = embedded.status(settings).data_directory
        embedded.stop(settings)
        shutil.rmtree(home, ignore_errors=True)
        if data.is_relative_to(embedded.STORE):
            shutil.rmtree(data.parent, ignore_errors=True)


@contextmanager
def _with_template(url: str, kind: str) -> Iterator[Server]:
    try:
        with psycopg.connect(url) as connection:
            server = Server(url, _text(connection.execute("show server_version").fetchone()), kind)
    except psycopg.Error as error:
        # Not the text of the URI, which may hold a password.
        raise BenchError(f"The server doesn't answer: {str(error).strip().splitlines()[0]}") from error
    template = f"atlas_bench_{os.getpid()}_template"
    with _made(url, template, "template0"):
        migrate(_settings(server.database_url(template)))
        yield replace(server, template=template)


def _settings(url: str) -> Settings:
    return Settings(home=Path("/nonexistent"), database_url=url, postgres_bin=None, project_hint=ROOT)


@contextmanager
def _made(url: str, name: str, template: str) -> Iterator[None]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    try:
        yield
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            # Not WITH (FORCE): that fails over an autovacuum worker, whose end PostgreSQL otherwise just waits for.
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = current_user",
                [name],
            )
            connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))


def libpq_environment(url: str) -> dict[str, str]:
    """A connection URI as libpq's environment variables, so that no password stands in a command line."""
    return {
        option.envvar.decode(): option.val.decode()
        for option in pq.Conninfo.parse(url.encode())
        if option.envvar is not None and option.val is not None
    }


def count_rows(url: str, table: sql.Composable) -> int:
    """Rows of a table in the database."""
    with psycopg.connect(url) as connection:
        row: TupleRow | None = connection.execute(sql.SQL("select count(*) from {}").format(table)).fetchone()
    return int(_text(row))


def _text(row: TupleRow | None) -> str:
    if row is None:
        raise BenchError("The server gave no answer.")
    return str(row[0])
