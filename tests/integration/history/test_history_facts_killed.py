"""Kills at random instants while facts are re-pointed: of dbt, of who runs its statements, and of the server's process.

Whatever is left is nothing or all of the run, and the next one gives what an undisturbed one gives. On a server of the
tests' own, since one that loses a process restarts as a whole.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import psycopg
import pytest
from facts_support import sell, set_up, told
from history_support import ROOT, Event, Project, arrive, is_of_transaction, make_project

from atlas import embedded
from atlas.migrate import migrate, settle
from atlas.settings import DATABASE_ROLE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]

THINGS = [f"thing {number}" for number in range(60)]
SALES = """
    insert into explore.sales
    select n, 'thing ' || n %% 60, 'p', timestamptz '2024-01-01' + n %% 100 * interval '1 hour', 1
    from generate_series(%s::integer, %s) as n
"""
# Starts at once, where dbt takes seconds: most instants are tried on it.
REPLAY = """
import json, os, sys, psycopg
with psycopg.connect(os.environ["ATLAS_DATABASE_URL"]) as connection:
    for statement in json.load(sys.stdin):
        connection.execute(statement)
"""
MOVED = """
    select count(*) from history.fct_sale as fact
    inner join history.dim_thing as thing on fact.thing_version_key = thing.version_key
    where thing.colour = 'blue'
"""
DBT = "from dbt.cli.main import cli; cli()"
RUN = ["--quiet", "run", "--select", "fct_sale"]
TRIALS = [("dbt", "client"), ("dbt", "server process"), *[("replay", "client"), ("replay", "server process")] * 3]


class Prepared(NamedTuple):
    """A server, on which ``prepared`` is a database whose facts are to be re-pointed, and what comes of it."""

    settings: Settings
    project: Project
    statements: list[str]
    expected: list[object]
    duration_s: float


@pytest.fixture(scope="module", name="prepared")
def fixture_prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    home = Path(tempfile.mkdtemp(prefix="atlas-repoint-"))
    postgres_bin = Path(path) if (path := os.environ.get("ATLAS_POSTGRES_BIN")) else None
    own = Settings(home=home, database_url=None, postgres_bin=postgres_bin, project_hint=ROOT)
    data = embedded.start(own).data_directory
    try:
        yield from prepare(own, tmp_path_factory.mktemp("facts"))
    finally:
        embedded.stop(own)
        shutil.rmtree(home, ignore_errors=True)
        if data.is_relative_to(embedded.STORE):
            shutil.rmtree(data.parent, ignore_errors=True)


def prepare(own: Settings, directory: Path) -> Iterator[Prepared]:
    place = quote(str(own.socket_directory), safe="")
    settings = replace(own, database_url=f"postgresql://{DATABASE_ROLE}@/work?host={place}")
    with server(settings) as admin:
        admin.execute("create database work")
    migrate(settings)
    with pytest.MonkeyPatch.context() as monkeypatch:
        project = make_project(directory / "project", settings, monkeypatch)
        with connected(settings) as db:
            set_up(project, db)
            arrive(db, [Event(thing, 0, colour="red") for thing in THINGS])
            db.execute(SALES, [1, 12_000])
            project.build()
            arrive(db, [Event(thing, 2, colour="blue") for thing in THINGS])
            project.build("--select", "dim_thing")
            db.execute(SALES, [12_001, 13_000])
            sell(db, (13_001, "nobody's", 1))
        with server(settings) as admin:
            admin.execute("alter database work rename to prepared")
        start_anew(settings)
        statements = project.build(*RUN[2:]).statements["fct_sale"]
        with connected(settings) as db:
            expected = outcome(db)
        assert any("fact.ctid = due.place" in statement for statement in statements)
        ours = [statement for statement in statements if not is_of_transaction(statement)]
        undisturbed = Prepared(settings, project, ours, expected, 0)
        start_anew(settings)
        with connected(settings) as db, started(undisturbed, "replay") as process:
            wait_until_facts_are_locked(db, process)
            begun = time.monotonic()
            assert process.wait() == 0
        yield undisturbed._replace(duration_s=time.monotonic() - begun)


def server(settings: Settings) -> Connection:
    return psycopg.connect(str(settings.database_url).replace("/work?", "/postgres?"), autocommit=True)


def connected(settings: Settings) -> Connection:
    """A connection, once the server has recovered."""
    deadline = time.monotonic() + 240
    while True:
        with suppress(psycopg.OperationalError):
            return psycopg.connect(str(settings.database_url), autocommit=True)
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start_anew(settings: Settings) -> None:
    """Let the database be as it was prepared."""
    with server(settings) as admin:
        admin.execute("drop database if exists work with (force)")
        admin.execute("create database work template prepared")
    settle(settings)


def started(prepared: Prepared, how: str) -> subprocess.Popen[bytes]:
    """A process that builds the facts."""
    directories = ["--project-dir", str(prepared.project.path), "--profiles-dir", str(ROOT / "profiles")]
    command = [DBT, *RUN, *directories] if how == "dbt" else [REPLAY]
    process = subprocess.Popen(
        [sys.executable, "-c", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin is not None
    with process.stdin:
        process.stdin.write(json.dumps(prepared.statements).encode() if how == "replay" else b"")
    return process


def wait_until_facts_are_locked(db: Connection, process: subprocess.Popen[bytes]) -> int:
    """Until the re-pointing has begun; gives the number of the server's process."""
    query = (
        "select pid from pg_locks where granted and mode = 'ShareRowExclusiveLock'"
        " and relation = 'history.fct_sale'::regclass"
    )
    deadline = time.monotonic() + 240
    while not (found := db.execute(query).fetchall()):
        assert process.poll() is None, "it ended too soon"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return int(found[0][0])


@pytest.fixture(scope="module", name="interrupted")
def fixture_interrupted() -> Iterator[list[bool]]:
    """Whether each kill came before the end."""
    seen: list[bool] = []
    yield seen
    assert len(seen) < len(TRIALS) or sum(seen) > len(seen) / 3, f"only {sum(seen)} of {len(seen)} kills interrupted"


@pytest.mark.parametrize("trial", range(len(TRIALS)))
def test_killed_while_facts_are_repointed(prepared: Prepared, interrupted: list[bool], trial: int) -> None:
    how, victim = TRIALS[trial]
    instant = random.Random(trial).uniform(0, 0.9) * prepared.duration_s  # noqa: S311 - nothing secret
    start_anew(prepared.settings)
    with started(prepared, how) as process:
        with connected(prepared.settings) as db:
            backend = wait_until_facts_are_locked(db, process)
        time.sleep(instant)
        if victim == "client":
            process.kill()
        else:
            with suppress(ProcessLookupError):
                os.kill(backend, signal.SIGKILL)
        process.wait()
    wait_until_gone(prepared.settings, backend)

    with connected(prepared.settings) as db:
        waiting = told(db)
        assert waiting in {0, len(THINGS)}, "half of what the facts were told is forgotten"
        ((moved,),) = db.execute(MOVED).fetchall()
        assert (moved == 0) == (waiting > 0), "half of the facts have moved"
    interrupted.append(waiting > 0)
    if how == "dbt":
        prepared.project.build(*RUN[2:])
    else:
        with psycopg.connect(str(prepared.settings.database_url)) as again:
            for statement in prepared.statements:
                again.execute(statement)
    with connected(prepared.settings) as db:
        assert outcome(db) == prepared.expected


def wait_until_gone(settings: Settings, backend: int) -> None:
    """Until the killed session is gone; where it took the server with it, until that is back."""
    deadline = time.monotonic() + 240
    while True:
        with suppress(psycopg.OperationalError), connected(settings) as db:
            if not db.execute("select from pg_stat_activity where pid = %s", [backend]).rowcount:
                return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def outcome(db: Connection) -> list[object]:
    """All facts, and what is told of them."""
    tables = ("history.fct_sale", "history.dim_thing", "history.dim_thing__changes")
    return [db.execute(f"select * from {table} t order by t").fetchall() for table in tables]
