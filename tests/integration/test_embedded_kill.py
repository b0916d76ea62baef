"""The embedded PostgreSQL after a kill of the server or of the command."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from embedded_support import (  # noqa: F401
    AS_ROOT,
    NOBODY,
    Child,
    as_nobody,
    fixture_own_store,
    fixture_place,
    fixture_settings,
    fixture_users,
    query,
    real_data,
    wait_until,
)

from atlas import embedded
from atlas.database import connection_parameters
from atlas.embedded import account, layout
from atlas.embedded.binaries import find_binaries
from atlas.settings import SOCKET_NAME

if TYPE_CHECKING:
    from atlas.settings import Settings


def kill_server(settings: Settings) -> int:
    pid = embedded.status(settings).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: embedded.status(settings).pid is None)
    return pid


def test_kill_of_the_server(settings: Settings) -> None:
    embedded.start(settings)
    query(settings, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a")
    kill_server(settings)
    assert (real_data(settings) / "postmaster.pid").exists()
    assert embedded.status(settings).state == "stopped"
    assert embedded.stop(settings) is False
    assert embedded.start(settings).started_now
    assert query(settings, "SELECT count(*) FROM kept") == [(1000,)]


def test_kill_of_the_server_while_its_backend_goes_on(settings: Settings) -> None:
    embedded.start(settings)
    client = psycopg.connect(**connection_parameters(settings), autocommit=True)
    client.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1500000) a WHERE md5(a::text) < 'a'")
    time.sleep(0.1)
    began = time.monotonic()
    kill_server(settings)
    assert embedded.start(settings).started_now
    # It waited for the old backend instead of starting beside it.
    assert "pre-existing shared memory block" in embedded.status(settings).log_file.read_text()
    assert time.monotonic() - began < 25
    client.close()


@pytest.mark.parametrize("content", ["{pid}\n/x\n1\n5432\n/nowhere\n\n", "", "garbage\n"])
def test_a_lock_file_that_names_another_process(users: Settings, content: str) -> None:
    as_nobody(embedded.start, users)
    as_nobody(embedded.stop, users)
    stranger = subprocess.Popen(["sleep", "60"], user=NOBODY.pw_uid if AS_ROOT else None)
    try:
        for lock in (users.home / "postgres" / "postmaster.pid", users.home / "run" / f"{SOCKET_NAME}.lock"):
            lock.write_text(content.format(pid=stranger.pid))
            os.chown(lock, NOBODY.pw_uid, NOBODY.pw_gid)
        assert as_nobody(embedded.status, users).state == "stopped"
        assert as_nobody(embedded.stop, users) is False
        assert as_nobody(embedded.start, users).started_now
        assert stranger.poll() is None
        assert as_nobody(embedded.stop, users) is True
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_was_started_by_hand_is_found(users: Settings) -> None:
    as_nobody(embedded.start, users)
    as_nobody(embedded.stop, users)
    binaries, _ = find_binaries(users, layout.STORE, NOBODY)
    command = [binaries / "pg_ctl", "start", "-w", "-s", "-D", users.home / "postgres", "-l", "/dev/null"]
    assert account.run(command, NOBODY, stdout=subprocess.DEVNULL).returncode == 0
    found = as_nobody(embedded.start, users)
    assert (found.state, found.started_now) == ("running", False)
    assert as_nobody(embedded.stop, users) is True


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5])
def test_kill_of_the_command_while_it_starts(settings: Settings, after: float) -> None:
    command = Child(embedded.start, settings).process
    wait_until((settings.home / "postgres.lock").exists)
    time.sleep(after)
    command.kill()
    command.join()
    assert embedded.start(settings).running
    assert query(settings, "SELECT 1") == [(1,)]
    assert [path.name for path in real_data(settings).parent.glob("*.new-*")] == []
