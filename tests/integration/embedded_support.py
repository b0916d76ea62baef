"""What the tests of the embedded PostgreSQL share.

Where root runs the tests, those with ``users`` run as the user ``nobody``, in a process that drops to it, and the
others as root, whose server runs as another account. A test module imports each fixture by its function.
"""

from __future__ import annotations

import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from atlas import embedded
from atlas.database import connection_parameters
from atlas.embedded import layout
from atlas.errors import AtlasError
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = Path(embedded.__file__).parents[2]
MODULES = os.pathsep.join([str(SOURCE), *sys.path])
PROFILES = SOURCE.parent / "profiles"
AS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody") if AS_ROOT else pwd.getpwuid(os.geteuid())
FORK = multiprocessing.get_context("fork")


@pytest.fixture(name="place")
def fixture_place() -> Iterator[Path]:
    """A short directory that any account can reach, which pytest's own isn't as root; in memory if it fits."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the name
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    path = Path(tempfile.mkdtemp(prefix="atlas-test-", dir=memory if roomy else "/tmp")).resolve()  # noqa: S108
    path.chmod(0o755)
    yield path
    # The bracket keeps what a failed test left running from outliving its files.
    for file in path.rglob("postmaster.pid"):
        with suppress(ValueError, IndexError, OSError):
            pid = int(file.read_text().splitlines()[0])
            if b"cluster_name=atlas-" in command_line(pid):
                os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(name="own_store", autouse=True)
def fixture_own_store(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "STORE", place / "store")
    for name in [name for name in os.environ if name.startswith(("PG", "ATLAS_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(name="settings")
def fixture_settings(place: Path) -> Settings:
    return Settings(home=place / "home", database_url=None, postgres_bin=None, project_hint=None)


@pytest.fixture(name="users")
def fixture_users(place: Path, settings: Settings) -> Settings:
    """Settings of a home that belongs to nobody, or to the user of the tests where that isn't root."""
    directory = place / "users"
    directory.mkdir()
    os.chown(directory, NOBODY.pw_uid, -1)
    return replace(settings, home=directory / "home")


def command_line(pid: int) -> bytes:
    return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False).stdout


class Child:
    """A function of the module in a process of its own, as nobody if ``drop`` and the tests run as root.

    Forked, as root's interpreter may lie where nobody can't go.
    """

    def __init__(self, function: Callable[[Settings], Any], settings: Settings, *, drop: bool = False) -> None:
        self._receiver, sender = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=self._work, args=(function, settings, drop, sender))
        self.process.start()
        sender.close()

    @staticmethod
    def _work(function: Callable[[Settings], Any], settings: Settings, drop: bool, sender: Any) -> None:
        if drop and AS_ROOT:
            os.setgroups([])
            os.setgid(NOBODY.pw_gid)
            os.setuid(NOBODY.pw_uid)
        try:
            sender.send(function(settings))
        except AtlasError as error:
            sender.send(error)

    def outcome(self) -> Any:
        found = self._receiver.recv()
        self.process.join()
        return found


def as_nobody(function: Callable[[Settings], Any], settings: Settings) -> Any:
    return Child(function, settings, drop=True).outcome()


def query(settings: Settings, statement: str) -> Any:
    with psycopg.connect(**connection_parameters(settings), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else None


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def real_data(settings: Settings) -> Path:
    return (settings.home / "postgres").resolve()
