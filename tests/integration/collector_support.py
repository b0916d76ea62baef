"""What the tests of collectors share: a database that a module's tests use one after the other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from service_server import TOKEN, Service
from typer.testing import CliRunner

from atlas.cli import app
from atlas.collectors.http_client import HttpClient, Patience
from atlas.database import connect
from atlas.settings import Settings

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]

EMPTIED = """
    do $$
    declare
        landing_table text;
    begin
        for landing_table in select distinct system || '__' || entity from explore.batches loop
            execute format('delete from explore.%I', 'raw_' || landing_table);
        end loop;
        truncate explore.batches, explore.quarantine, pipeline.checkpoints cascade;
    end
    $$
"""


@pytest.fixture(name="settings")
def fixture_settings(database: Settings) -> Settings:
    """Settings of the module's database, in which nothing has landed."""
    with connect(database) as connection:
        connection.execute(EMPTIED)
    return database


@pytest.fixture(name="connection")
def fixture_connection(settings: Settings) -> Iterator[Connection]:
    with connect(settings) as opened:
        # Hundreds of small transactions, none of which has to outlive a crash.
        opened.execute("set synchronous_commit = off")
        yield opened


@contextmanager
def client_for(service: Service, name: str = "GitHub") -> Iterator[HttpClient]:
    """A client that doesn't wait."""
    with HttpClient(
        service=name,
        base_url=service.url,
        headers={"Authorization": f"Bearer {TOKEN}"},
        secrets=(TOKEN,),
        token_variable=f"ATLAS_{name.upper()}_TOKEN",
        patience=Patience(timeout_s=5, attempts=3),
        sleep=lambda _seconds: None,
    ) as client:
        yield client


def landed(connection: Connection, source: str) -> list[dict[str, Any]]:
    """All that landed of ``system.entity``, as it came, in the order of the events."""
    table = sql.Identifier("explore", "raw_{}__{}".format(*source.split(".")))
    rows = connection.execute(sql.SQL("select payload from {} order by event_at, key, sha256").format(table))
    return [payload for (payload,) in rows]


def folded(connection: Connection, source: str) -> dict[str, dict[str, Any]]:
    """What stands: the last of each key, by the last field of the key; what is gone left out."""
    table = sql.Identifier("explore", "raw_{}__{}".format(*source.split(".")))
    query = sql.SQL("select key::jsonb ->> -1, operation, payload from {} order by event_at, sha256")
    last = {key: (operation, payload) for key, operation, payload in connection.execute(query.format(table))}
    return {key: payload for key, (operation, payload) in last.items() if operation == "upsert"}


def doubled(connection: Connection, source: str) -> list[Any]:
    """Events that have landed more than once."""
    table = sql.Identifier("explore", "raw_{}__{}".format(*source.split(".")))
    query = sql.SQL("select key, event_at from {} group by key, event_at, sha256 having count(*) > 1")
    return connection.execute(query.format(table)).fetchall()


def quarantined(connection: Connection) -> list[Any]:
    return connection.execute("select reason, detail, convert_from(raw, 'UTF8') from explore.quarantine").fetchall()


def batch_count(connection: Connection) -> int:
    row = connection.execute("select count(*) from explore.batches").fetchone()
    assert row is not None
    return int(row[0])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def dry_run(environment: Mapping[str, str], *arguments: str) -> str:
    """What the command line says that it would do, run in this process."""
    done = CliRunner().invoke(app, ["collect", *arguments, "--dry-run"], env=environment)
    assert done.exit_code == 0, done.output
    assert TOKEN not in done.output
    return done.stdout


def atlas_collect(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does; it shows neither a traceback nor the token."""
    done = subprocess.run(
        [sys.executable, "-m", "atlas", "collect", *arguments],
        env=dict(environment),
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    return done
