"""The server's main process: is it there, and run it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.embedded.account import run
from atlas.embedded.failures import failure
from atlas.errors import ServiceError
from atlas.settings import SOCKET_NAME

if TYPE_CHECKING:
    import pwd

    from atlas.embedded.layout import Layout

LOG_LIMIT_BYTES = 10 * 2**20
START_SECONDS = 120.0


def running_pid(layout: Layout) -> int | None:
    """Process of the running (or starting) server; None if there is none.

    That a process with the recorded id lives says little: after a crash the id may belong to another process.
    PostgreSQL itself then refuses to start, and pg_ctl would stop the stranger.
    """
    lines = _lines_of(layout.data / "postmaster.pid")
    pid = _pid_in(lines)
    if pid is None:
        return None
    if _is_server(pid, layout):
        return pid
    # Started by hand, without our marker: the socket that it recorded answers. A dead server's never does.
    return pid if len(lines) > 4 and lines[4] and _answers(Path(lines[4]) / f".s.PGSQL.{lines[3]}") else None


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


def _pid_in(lines: list[str]) -> int | None:
    """The process id in a lock file of PostgreSQL, which is negative for a server in single-user mode."""
    match = re.fullmatch(r"-?([1-9]\d*)", lines[0].strip()) if lines else None
    return int(match[1]) if match else None


def _is_server(pid: int, layout: Layout) -> bool:
    """Whether the process is this data directory's server, by the cluster's name in its command line."""
    if Path("/proc/self/cmdline").exists():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False
    else:
        command = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        ).stdout
    return f"cluster_name={layout.marker}".encode() in command


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(os.fsencode(path))
        except OSError:
            return False
    return True


def drop_stale_locks(layout: Layout) -> None:
    """Remove what a killed server left, where its process id now belongs to another process.

    PostgreSQL overrules a lock file only if no process has its id, and never an empty one. Processes of the
    killed server that still work are found by the server itself: their shared memory is in use.
    """
    for lock in (layout.data / "postmaster.pid", layout.sockets / f"{SOCKET_NAME}.lock"):
        pid = _pid_in(_lines_of(lock))
        if pid is None or not _is_server(pid, layout):
            lock.unlink(missing_ok=True)


def run_server(layout: Layout, account: pwd.struct_passwd, directory: Path) -> None:
    """Run pg_ctl, which returns when the server accepts connections.

    The data directory goes by the environment and the log by an open file, since pg_ctl pastes both into a
    line for the shell. With the log as its output the server holds no pipe of our caller, and in its own
    session it survives Ctrl-C and the terminal's end.
    """
    if layout.log.exists() and layout.log.stat().st_size > LOG_LIMIT_BYTES:
        layout.log.replace(layout.log.with_suffix(".log.1"))
    command = [directory / "pg_ctl", "start", "--wait", "--silent", "--timeout", f"{START_SECONDS:.0f}"]
    command += ["-o", f"-c cluster_name={layout.marker}"]
    deadline = time.monotonic() + 30
    while True:
        with os.fdopen(os.open(layout.log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "rb") as log:
            before = log.seek(0, os.SEEK_END)
            ended = run(command, account, {"PGDATA": str(layout.data)}, stdout=log, stderr=log, start_new_session=True)
            log.seek(before)
            said = log.read().decode(errors="replace")
        # Beside a success: still in recovery, or a start whose command was killed has won the race.
        if ended.returncode == 0 or running_pid(layout) is not None:
            return
        if "pre-existing shared memory block" not in said:
            raise failure(layout, "Starting the embedded PostgreSQL", said)
        if time.monotonic() > deadline:
            raise ServiceError(
                f"Processes of a killed server still work on {layout.data}. Wait until they end, or end the "
                f"processes named {layout.marker!r}, and start it again."
            )
        time.sleep(0.1)
