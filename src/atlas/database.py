"""Connections to the database, with errors that say what to type."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from atlas.errors import ServiceError, UsageError
from atlas.migrate import VERSION_SCHEMA, head_revision
from atlas.settings import DATABASE_NAME, DATABASE_ROLE, PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.settings import Settings

CONNECT_TIMEOUT_S = 10
SESSION_OPTIONS = (
    "-c timezone=UTC",
    "-c datestyle=ISO",
    "-c client_encoding=UTF8",
    "-c default_transaction_isolation=read\\ committed",
)
# Where the owner's tables are, whoever may works as the owner: what he makes must belong to no login. Mostly that is
# so from the start, by the login's default (see 0013_roles); this also finds it in a copy of a database, say.
WORK_AS_OWNER = """
    select set_config('role', o.rolname, false)
    from pg_catalog.pg_roles as o
    inner join pg_catalog.pg_namespace as n on n.nspowner = o.oid
    where
        o.rolname = 'atlas_owner' and n.nspname = %s and current_user <> o.rolname
        and pg_has_role(
            session_user, o.oid,
            case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end
        )
"""
IS_UNLIMITED = """
    select r.rolsuper or r.rolbypassrls from pg_catalog.pg_roles as r where r.rolname = session_user
"""
# What profiles/profiles.yml reads part by part, and libpq alike. libpq would take more (a list of hosts, ?user=,
# "host=… dbname=…"), and dbt would then work on another server than Atlas.
URL = re.compile(
    r"postgres(?:ql)?://"
    r"[^\s:@/?&]+(?::[^\s@/?&]*)?@"  # user, password
    r"(?:\[[^]\s@/?&]+\]|[^][\s:@/?&,]*)(?::[0-9]*)?"  # host, port
    r"/[^\s@/?&]+"  # database
    r"(?:\?(?:(?:host=[^\s@?&=,]+|port=[0-9]+|sslmode=[a-z-]+)(?:&|$))*)?"
)
URL_FORM = (
    "ATLAS_DATABASE_URL can't be read. It looks like postgresql://user:password@host:5432/database, special characters "
    "percent-encoded, and may end in ?sslmode=require. What else libpq knows goes into its own variables, such as "
    "PGSSLROOTCERT."
)

KEY = re.compile(r"[A-Za-z0-9+/=_-]{32,}")


def connection_parameters(settings: Settings) -> dict[str, Any]:
    """The libpq parameters of the server that the settings name.

    Raises:
        UsageError: ``ATLAS_DATABASE_URL`` can't be read; its text isn't repeated, since it may hold a password.
    """
    if settings.database_url is None:
        return {
            "host": str(settings.socket_directory),
            "port": str(PORT),
            "user": DATABASE_ROLE,
            "dbname": DATABASE_NAME,
        }
    if not URL.fullmatch(settings.database_url):
        raise UsageError(URL_FORM)
    try:
        return dict(conninfo_to_dict(settings.database_url))
    except (psycopg.ProgrammingError, UnicodeDecodeError) as error:
        raise UsageError(URL_FORM) from error


def connect(settings: Settings, *, autocommit: bool = True) -> psycopg.Connection[TupleRow]:
    """Open a connection in UTC, which works as ``atlas_owner`` where the login may.

    Raises:
        UsageError: the login is a superuser, or bypasses row-level security.
        ServiceError: no server answers, or it refuses us; says what to do.
    """
    parameters = connection_parameters(settings)
    parameters.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    parameters.setdefault("application_name", "atlas")
    # Dates are read and written in one zone and one style, whatever the server or the role is set to. Locks are taken
    # before what others have committed meanwhile is looked at, so each statement has to see it.
    parameters["options"] = " ".join(filter(None, [parameters.get("options"), *SESSION_OPTIONS, key_option(settings)]))
    try:
        connection = psycopg.connect(make_conninfo(**parameters), autocommit=True)
    except psycopg.OperationalError as error:
        raise ServiceError(_explanation(settings, error)) from error
    if connection.execute(IS_UNLIMITED).fetchone() == (True,):
        with connection:
            raise UsageError(
                f"{connection.info.user} is a superuser or bypasses row-level security, which nothing limits. Use "
                "another login; docs/guides/roles.md says what it needs."
            )
    # Before any transaction, with which it would end.
    connection.execute(WORK_AS_OWNER, [VERSION_SCHEMA])
    connection.autocommit = autocommit
    return connection


def connect_migrated(settings: Settings) -> psycopg.Connection[TupleRow]:
    """Like :func:`connect`, to a database whose schema is this code's.

    Raises:
        ServiceError: no server answers or it refuses us, or its schema is older or newer; says what to type.
    """
    connection = connect(settings)
    try:
        _require_schema(connection, settings)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def as_login(connection: psycopg.Connection[TupleRow]) -> Iterator[None]:
    """A transaction in which the session has its login's own rights, not the owner's.

    Whom to grant what, what the login's other sessions do, and what the database itself allows is for the login.
    """
    with connection.transaction():
        connection.execute("set local role none")
        yield


def key_option(settings: Settings) -> str | None:
    """The option by which a session has the key of keyed hashes; None without one.

    Raises:
        UsageError: it can't be a key.
    """
    if settings.pseudonym_key is None:
        return None
    if not KEY.fullmatch(settings.pseudonym_key):
        raise UsageError("ATLAS_PSEUDONYM_KEY must be 32 characters or more out of letters, digits and +/=_-.")
    return f"-c atlas.pseudonym_key={settings.pseudonym_key}"


@contextmanager
def key_for_dbt(settings: Settings) -> Iterator[None]:
    """Give the sessions that dbt opens in this process the key of keyed hashes, by libpq's own variable."""
    before = os.environ.get("PGOPTIONS")
    option = key_option(settings)
    if option is not None:
        os.environ["PGOPTIONS"] = f"{before} {option}" if before else option
    try:
        yield
    finally:
        if option is not None:
            os.environ.pop("PGOPTIONS")
            if before is not None:
                os.environ["PGOPTIONS"] = before


def _explanation(settings: Settings, error: psycopg.OperationalError) -> str:
    # The first line says what happened, with the address; what follows are libpq's guesses.
    reason = str(error).strip().splitlines()[0].removeprefix("connection failed: ").rstrip(".")
    if settings.database_url is not None:
        return f"The database of ATLAS_DATABASE_URL can't be used: {reason}."
    if "No such file" in reason or "Connection refused" in reason:
        return "The embedded database isn't running. Start it: atlas db start"
    return f"The embedded database can't be used: {reason}."


def _require_schema(connection: psycopg.Connection[TupleRow], settings: Settings) -> None:
    """Refuse to work on a schema that is older or newer than the code.

    Raises:
        ServiceError: says what to type.
    """
    wanted = head_revision(settings.project)
    found = None
    table = connection.execute("select to_regclass(%s)", [f"{VERSION_SCHEMA}.alembic_version"]).fetchone()
    if table is not None and table[0] is not None:
        row = connection.execute("select version_num from pipeline.alembic_version").fetchone()
        found = row[0] if row else None
    if found == wanted:
        return
    if found is None:
        raise ServiceError("The database has no Atlas schema yet. Make it: atlas migrate")
    if found > wanted:
        raise ServiceError(
            f"The database's schema (revision {found}) is newer than this version of Atlas ({wanted}). Update Atlas."
        )
    raise ServiceError(
        f"The database's schema (revision {found}) is older than this version of Atlas ({wanted}). Run: atlas migrate"
    )
