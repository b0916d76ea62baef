"""Kills at random instants of a landing: of the client, of its session, and of the server's process behind it.

Whatever is left is nothing or all of the delivery, and landing it again until it is there gives what an undisturbed
landing gives. On a server of the tests' own, since one that loses a process restarts as a whole.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from landing_support import THINGS, audit, fingerprint, ndjson, thing, write

from atlas import embedded
from atlas.database import connect
from atlas.landing import land_file
from atlas.migrate import migrate
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.sources import Source

RECORDS = 4000
# Of five trials, so many kill what.
VICTIMS = ("client", "client", "session", "session", "server process")
# A process that lands a file for the entity whose name it is sent, one after the other; killed, it is made anew.
CLIENT = """
import os, sys
from dataclasses import replace
from pathlib import Path
from landing_support import THINGS
from atlas.database import connect
from atlas.errors import ServiceError
from atlas.landing import land_file
from atlas.settings import Settings

with connect(Settings.from_environment()) as connection:
    pid = connection.info.backend_pid
    print(pid, flush=True)
    for entity in map(str.strip, sys.stdin):
        try:
            print(land_file(connection, replace(THINGS, entity=entity), Path(sys.argv[1])).outcome, flush=True)
        except ServiceError:
            print("lost", flush=True)
            sys.exit(3)
"""
numbers = itertools.count(1)


class Server(NamedTuple):
    settings: Settings
    file: Path
    expected: tuple[int, str]
    duration_s: float


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "trial" in metafunc.fixturenames:
        metafunc.parametrize("trial", range(metafunc.config.getoption("--kill-trials")))


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[Server]:
    """A server of its own, and what an undisturbed landing leaves there and how long it takes."""
    home = Path(tempfile.mkdtemp(prefix="atlas-kill-"))
    postgres_bin = Path(path) if (path := os.environ.get("ATLAS_POSTGRES_BIN")) else None
    settings = Settings(home=home, database_url=None, postgres_bin=postgres_bin, project_hint=project)
    data = embedded.start(settings).data_directory
    try:
        migrate(settings)
        # Some records twice, some refused: what is done to those can be cut off, too.
        records = [
            thing(n % (RECORDS - 500), name=f"name {n}" * 5 if n < RECORDS - 500 else "") for n in range(RECORDS)
        ]
        content = ndjson(records) + ndjson(records[:200]) + b'{"id": 1}\n' * 50
        file = write(home / "x.ndjson", content)
        quiet = replace(THINGS, entity="quiet")
        with connect(settings) as connection:
            receipt = land_file(connection, quiet, file)
            assert (receipt.accepted, receipt.duplicate, receipt.quarantined) == (RECORDS, 200, 50)
            undisturbed = Server(settings, file, fingerprint(connection, quiet), 0)
        # A process's first landing takes longer than its second, and of each only the first is killed.
        client = Client(undisturbed)
        client.ask("measured")
        started = time.monotonic()
        assert client.answer() == "landed"
        yield undisturbed._replace(duration_s=time.monotonic() - started)
        client.end()
    finally:
        embedded.stop(settings)
        subprocess.run(["rm", "-rf", str(home)], check=False)
        if data.is_relative_to(embedded.STORE):
            subprocess.run(["rm", "-rf", str(data.parent)], check=False)


def environment_of(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ATLAS_", "PG"))}
    places = {"ATLAS_HOME": str(settings.home), "ATLAS_PROJECT": str(settings.project)}
    return kept | places | {"PYTHONPATH": os.pathsep.join(sys.path)}


class Client:
    """A process that lands on demand."""

    def __init__(self, server: Server) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, server.file],
            env=environment_of(server.settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.backend = 0

    def ask(self, entity: str) -> None:
        self.backend = int(self.answer())
        assert self.process.stdin is not None
        self.process.stdin.write(f"{entity}\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def clients(server: Server) -> Iterator[list[Client]]:
    """The next trial's client, begun while this one's is at work."""
    at_hand: list[Client] = []
    yield at_hand
    for client in at_hand:
        client.end()


@pytest.fixture(scope="module")
def interrupted() -> Iterator[list[bool]]:
    """Whether each trial's kill came before the end of the landing; of many trials, most must."""
    seen: list[bool] = []
    yield seen
    if len(seen) >= 20:
        assert sum(seen) > len(seen) / 3, f"only {sum(seen)} of {len(seen)} kills interrupted a landing"


def awaken(settings: Settings) -> psycopg.Connection:
    """A connection, once the server has recovered."""
    deadline = time.monotonic() + 240
    while True:
        with suppress(Exception):
            return connect(settings)
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill(victim: str, client: Client, settings: Settings) -> None:
    if victim == "client":
        client.process.kill()
    elif victim == "session":
        with connect(settings) as connection:
            connection.execute("select pg_terminate_backend(%s)", [client.backend])
    else:
        with suppress(ProcessLookupError):
            os.kill(client.backend, signal.SIGKILL)


def wait_for_the_end(settings: Settings, killed: int) -> None:
    """Until the killed session is gone; where it took the server with it, until that is back.

    A server that lost a process may answer for a moment, before it ends all sessions.
    """
    deadline = time.monotonic() + 240
    while True:
        with suppress(psycopg.OperationalError), awaken(settings) as connection:
            if not connection.execute("select from pg_stat_activity where pid = %s", [killed]).rowcount:
                return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def left_over(settings: Settings, source: Source) -> tuple[int, int, int]:
    """Rows, ledger rows and refused records that are there."""
    table = f"explore.{source.landing_table}"
    with connect(settings) as connection:
        found = connection.execute("select to_regclass(%s) is not null", [table]).fetchone() == (True,)
        row = connection.execute(
            f"select {f'(select count(*) from {table})' if found else '0'},"
            " (select count(*) from explore.batches where entity = %s),"
            " (select count(*) from explore.quarantine inner join explore.batches using (batch_id) where entity = %s)",
            [source.entity, source.entity],
        ).fetchone()
    assert row is not None
    return row


def test_killed_landing_leaves_nothing_or_all(
    server: Server, clients: list[Client], interrupted: list[bool], trial: int
) -> None:
    chance = random.Random(f"kill {trial}")  # noqa: S311 - to be repeated
    victim = VICTIMS[trial % len(VICTIMS)]
    source = replace(THINGS, entity=f"trial{next(numbers)}")
    client = clients.pop() if clients else Client(server)
    client.ask(source.entity)
    if victim != "server process":  # which takes all sessions with it
        clients.append(Client(server))
    # Longer than an undisturbed landing takes, since the next client's beginning slows this one.
    time.sleep(chance.uniform(0, 1.6 * server.duration_s))
    kill(victim, client, server.settings)
    outcome = client.answer()
    assert outcome in ("", "lost", "landed")
    client.end()
    # A session that was killed in its commit has committed or not; its client may not know.
    wait_for_the_end(server.settings, client.backend)
    state = left_over(server.settings, source)
    assert state in ((0, 0, 0), (server.expected[0], 1, 50))
    if outcome == "landed":
        assert state[0] == server.expected[0]
    interrupted.append(state[0] == 0)

    with connect(server.settings) as connection:
        outcomes = []
        for _ in range(2):
            receipt = land_file(connection, source, server.file)
            audit(connection, source, receipt)
            outcomes.append(receipt.outcome)
        assert outcomes == ["landed" if state[0] == 0 else "already_landed", "already_landed"]
        assert left_over(server.settings, source) == (RECORDS, 1, 50)
        assert fingerprint(connection, source) == server.expected
        connection.execute(f"drop table explore.{source.landing_table}")


@pytest.mark.parametrize("seed", range(5))
def test_killed_command_leaves_nothing_or_all(server: Server, seed: int) -> None:
    """As a user's command dies, at any instant from its start; and as a user then types it again."""
    environment = environment_of(server.settings)
    file = write(server.settings.home / f"crm{seed}.ndjson", customers(seed))
    command = [sys.executable, "-m", "atlas", "land", "crm.customers", str(file)]
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        time.sleep(chance.uniform(0.2, 1.2))
        process.kill()
    mine = "select count(*), coalesce(sum(accepted), 0)::bigint from explore.batches where source_name = %s"
    with connect(server.settings) as connection:
        before = connection.execute(mine, [str(file)]).fetchone()
        assert before in ((0, 0), (1, 3000))
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=60)
        assert connection.execute(mine, [str(file)]).fetchone() == (1, 3000)
        landed = connection.execute(
            "select count(*), count(distinct key) from explore.raw_crm__customers where batch_id = any(select batch_id"
            " from explore.batches where source_name = %s)",
            [str(file)],
        ).fetchone()
    assert landed == (3000, 3000)


def customers(seed: int) -> bytes:
    return ndjson(
        {
            "customer_id": f"C-{seed}{n:04}",
            "name": "Ada",
            "country": "GB",
            "segment": "consumer",
            "is_active": True,
            "signed_up_on": "2020-01-01",
            "updated_at": f"2024-01-01T00:00:0{seed}Z",
            "op": "create",
        }
        for n in range(3000)
    )
