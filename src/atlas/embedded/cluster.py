"""The data directory, its configuration, and the role and the database in it."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from atlas.embedded.account import run
from atlas.embedded.failures import disk_full, failure, user_name
from atlas.embedded.postmaster import START_SECONDS, running_pid
from atlas.errors import ServiceError
from atlas.settings import DATABASE_NAME, DATABASE_ROLE, PORT

if TYPE_CHECKING:
    import pwd
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from atlas.embedded.layout import Layout

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


def made_by(layout: Layout) -> str | None:
    """The major version of the PostgreSQL that made the data directory; None if there is none yet."""
    try:
        return (layout.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def prepare(layout: Layout, account: pwd.struct_passwd, directory: Path, major: int) -> None:
    """Make the data directory unless it is there, and write its configuration.

    Args:
        layout: the server's paths.
        account: the user that runs the server.
        directory: PostgreSQL's programs.
        major: their version.

    Raises:
        ServiceError: what is there can't be used, or initdb failed.
    """
    for leftover in layout.data.parent.iterdir():
        if leftover.name.startswith(f"{layout.data.name}.new-"):
            shutil.rmtree(leftover, ignore_errors=True)
    _check(layout, account, major)
    if made_by(layout) is None:
        _initialise(layout, account, directory, major)
    _write_configuration(layout, account)


def _check(layout: Layout, account: pwd.struct_passwd, major: int) -> None:
    """Refuse a data directory that isn't one, or that this PostgreSQL or account can't run."""
    if not layout.data.exists():
        return
    if not layout.data.is_dir() or (any(layout.data.iterdir()) and made_by(layout) is None):
        raise ServiceError(
            f"{layout.data} is not a PostgreSQL data directory. Move it away, or set ATLAS_HOME to another directory."
        )
    if (actual := layout.data.stat().st_uid) != account.pw_uid:
        raise ServiceError(
            f"{layout.data} belongs to {user_name(actual)}, but the server would run as "
            f"{account.pw_name}. Run Atlas as its owner, or set ATLAS_HOME to another directory."
        )
    if (maker := made_by(layout)) and maker != str(major):
        raise ServiceError(
            f"{layout.data} was made by PostgreSQL {maker}, but this is PostgreSQL {major}. Set "
            f"ATLAS_POSTGRES_BIN to the programs of PostgreSQL {maker}, or set ATLAS_HOME to another "
            "directory and load the data anew."
        )


def _initialise(layout: Layout, account: pwd.struct_passwd, directory: Path, major: int) -> None:
    """Make the data directory: beside its place, then renamed, so that a kill leaves nothing half-made."""
    fresh = layout.data.with_name(f"{layout.data.name}.new-{secrets.token_hex(4)}")
    # The order of text must not depend on the machine, nor change with an update of its C library, which
    # breaks indexes: so by code point. Upper and lower case follow Unicode where PostgreSQL has it built in.
    locale = ["--locale=C"]
    if major >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        options = ["--encoding=UTF8", "--auth-local=trust", "--auth-host=reject", "--data-checksums", *locale]
        made = run([directory / "initdb", "-D", fresh, "-U", "postgres", *options], account)
        if made.returncode != 0:
            raise failure(layout, f"Making the data directory {layout.data}", made.stdout + made.stderr)
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("\ninclude = 'atlas.conf'\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(layout.data)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _sync_directory(layout.data.parent)


def _write_configuration(layout: Layout, account: pwd.struct_passwd) -> None:
    """Write atlas.conf at each start, as the home may have moved; a full disk leaves the former one whole."""
    quoted = "'" + str(layout.sockets).replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"
    target = layout.data / "atlas.conf"
    text = os.fsencode(CONFIGURATION.format(port=PORT, sockets=quoted))
    fresh = layout.data / "atlas.conf.new"
    with fresh.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chown(fresh, account.pw_uid, -1)
    fresh.replace(target)
    _sync_directory(layout.data)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def administration(layout: Layout) -> Iterator[psycopg.Connection[Any]]:
    """Connect as the superuser, for what Atlas's role may not do."""
    import psycopg  # noqa: PLC0415 - a fifth of a second, and a stopped server doesn't need it

    with psycopg.connect(
        host=str(layout.sockets),
        port=PORT,
        user="postgres",
        dbname="postgres",
        connect_timeout=10,
        autocommit=True,
    ) as connection:
        yield connection


def make_database(layout: Layout) -> str:
    """Make the role and the database unless they exist, once the server accepts connections.

    The role owns the database, which lets it create schemas and trusted extensions; CREATEROLE is for the
    roles that grants go to, CREATEDB for scratch databases in tests. It may let the role that owns its tables stop
    its own statements, since that isn't the role that runs them.

    Returns:
        The server's version.
    """
    import psycopg  # noqa: PLC0415 - see administration
    from psycopg import sql  # noqa: PLC0415

    role, database = sql.Identifier(DATABASE_ROLE), sql.Identifier(DATABASE_NAME)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with administration(layout) as connection:
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
                connection.execute(sql.SQL("GRANT pg_signal_backend TO {} WITH ADMIN OPTION").format(role))
                if not has_database:
                    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
                return version_of(connection)
        except psycopg.OperationalError as error:
            # A server that was found running may be about to accept connections, or to stop.
            if isinstance(error, psycopg.errors.DiskFull):
                raise disk_full(layout) from error
            if running_pid(layout) is None or time.monotonic() > deadline:
                raise failure(layout, "Connecting to the embedded PostgreSQL", f"error: {error}") from error
            time.sleep(0.05)


def version_of(connection: psycopg.Connection[Any]) -> str:
    """The server's version, such as 18.6."""
    return (connection.info.parameter_status("server_version") or "").split(" ")[0]
