"""Start, stop and look at the embedded server."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from atlas.embedded.account import make_directories, server_account
from atlas.embedded.binaries import find_binaries
from atlas.embedded.cluster import administration, made_by, make_database, prepare, version_of
from atlas.embedded.failures import explaining
from atlas.embedded.layout import layout_of
from atlas.embedded.lock import locked
from atlas.embedded.postmaster import drop_stale_locks, run_server, running_pid
from atlas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.embedded.layout import Layout
    from atlas.settings import Settings

STOP_SECONDS = 120.0


@dataclass(frozen=True)
class ServerStatus:
    """What is known of the embedded server.

    Attributes:
        state: ``absent`` (there is no data directory), ``stopped`` or ``running``.
        data_directory: the data directory; as root, the real one below /var/lib/atlas.
        socket_directory: the socket's directory, as a client names it.
        log_file: the server's log.
        version: of the running server (``18.6``), else the data directory's major version; None if absent.
        pid: process of the running server.
        started_now: whether this call started it.
    """

    state: Literal["absent", "stopped", "running"]
    data_directory: Path
    socket_directory: Path
    log_file: Path
    version: str | None = None
    pid: int | None = None
    started_now: bool = False

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self.state == "running"


def start(settings: Settings) -> ServerStatus:
    """Start the embedded server unless it runs, and make its role and database unless they exist.

    Raises:
        UsageError: ``ATLAS_DATABASE_URL`` points to another server, or the home's path can't hold a socket.
        ServiceError: the server can't be set up or started: no PostgreSQL, one of another major version, a
            full disk, a directory that isn't ours or can't be written.
    """
    _refuse_other_server(settings, "start")
    layout = layout_of(settings)
    if "," in str(settings.socket_directory):
        raise UsageError(
            f"The path {settings.socket_directory} has a comma in it, which PostgreSQL's clients read as two "
            "hosts. Set ATLAS_HOME to a path without one."
        )
    with explaining(layout):
        layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(layout.lock):
            started_now = running_pid(layout) is None
            if started_now:
                _launch(settings, layout)
            version = make_database(layout)
            return replace(_found(layout), version=version, started_now=started_now)


def stop(settings: Settings) -> bool:
    """Stop the embedded server: open transactions are rolled back, and the data is flushed to disk.

    Returns:
        Whether it ran.

    Raises:
        UsageError: ``ATLAS_DATABASE_URL`` points to another server.
        ServiceError: the server doesn't stop.
    """
    _refuse_other_server(settings, "stop")
    layout = layout_of(settings)
    if not layout.home.is_dir():
        return False
    with explaining(layout), locked(layout.lock):
        pid = running_pid(layout)
        if pid is None:
            return False
        os.kill(pid, signal.SIGINT)  # "fast" in pg_ctl's words
        deadline = time.monotonic() + STOP_SECONDS
        while running_pid(layout) == pid:
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"The embedded PostgreSQL (process {pid}) did not stop within {STOP_SECONDS:.0f} s. It "
                    f"may still be writing to disk; look at {layout.log} and stop it again."
                )
            time.sleep(0.02)
        return True


def status(settings: Settings) -> ServerStatus:
    """Look at the embedded server; changes nothing.

    Raises:
        ServiceError: its directories can't be read.
    """
    layout = layout_of(settings)
    with explaining(layout):
        found = _found(layout)
        if not found.running:
            return found
        import psycopg  # noqa: PLC0415 - see administration

        with suppress(psycopg.Error), administration(layout) as connection:
            return replace(found, version=version_of(connection))
        return found


def _refuse_other_server(settings: Settings, verb: str) -> None:
    if settings.database_url is not None:
        raise UsageError(
            f"ATLAS_DATABASE_URL points to another server, so there is no embedded one to {verb}. Unset it "
            "to use the embedded PostgreSQL."
        )


def _found(layout: Layout) -> ServerStatus:
    places = (layout.data, layout.socket_directory, layout.log)
    version = made_by(layout)
    if version is None:
        return ServerStatus("absent", *places)
    pid = running_pid(layout)
    return ServerStatus("stopped" if pid is None else "running", *places, version, pid)


def _launch(settings: Settings, layout: Layout) -> None:
    """Start the server, over a new data directory if there is none."""
    account = server_account()
    directory, major = find_binaries(settings, layout.store, account)
    make_directories(layout, account)
    prepare(layout, account, directory, major)
    drop_stale_locks(layout)
    run_server(layout, account, directory)
