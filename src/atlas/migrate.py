"""Schema migrations: Alembic decides the order, explicit SQL does the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from atlas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine

    from atlas.settings import Settings

VERSION_SCHEMA = "pipeline"
# Any fixed number would do; it only has to be the same in every process that migrates.
MIGRATION_LOCK = 7_265_271_001

# As the login, which owns the database; from there on as the owner.
SETTLE = """
    do $$
    begin
        if exists (select from pg_catalog.pg_namespace where nspname = 'compliance') then
            set local role none;
            perform compliance.settle_database();
            set local role atlas_owner;
            perform compliance.end_expired_grants();
        end if;
    end
    $$
"""


def head_revision(project: Path) -> str:
    """The newest revision that the project's code knows (the number that the last file's name begins with)."""
    newest = max((project / "migrations" / "versions").glob("[0-9]*_*.py"), default=None)
    if newest is None:
        raise UsageError(f"There are no migrations in {project / 'migrations' / 'versions'}.")
    return newest.name.partition("_")[0]


def engine_for(settings: Settings) -> Engine:
    """SQLAlchemy's engine around Atlas's own connections; only Alembic uses it."""
    from sqlalchemy import create_engine  # noqa: PLC0415 - costs half a second, and only migrations need it
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from atlas.database import connect  # noqa: PLC0415

    return create_engine(
        "postgresql+psycopg://", creator=lambda: connect(settings, autocommit=False), poolclass=NullPool
    )


def run_sql(version_file: str, direction: Literal["up", "down"]) -> None:
    """Run ``migrations/sql/<version>.<direction>.sql`` as it stands, on the driver's own connection.

    SQLAlchemy would read ``:name`` and ``%`` in it as parameters.
    """
    from alembic import op  # noqa: PLC0415

    version = Path(version_file)
    script = version.parent.parent / "sql" / f"{version.stem}.{direction}.sql"
    driver_connection = op.get_bind().connection.driver_connection
    if driver_connection is None:
        raise ServiceError("The connection to the database was lost while migrating; nothing was changed.")
    driver_connection.execute(script.read_text(encoding="utf-8"))


def migrate(settings: Settings, to: str = "head") -> tuple[str | None, str | None]:
    """Bring the schema to revision ``to``, up or down; all of it or nothing.

    Returns:
        The revision before and the one after; None is the empty database.

    Raises:
        UsageError: there is no such revision.
        ServiceError: the database refused; nothing was changed.
    """
    import psycopg  # noqa: PLC0415
    from alembic import command  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = _config(settings.project)
    script = ScriptDirectory.from_config(config)
    try:
        target = None if to == "base" else script.get_revision(to)
    except CommandError as error:
        known = ", ".join(["base", *sorted(r.revision for r in script.walk_revisions()), "head"])
        raise UsageError(f"There is no revision {to!r}. There are: {known}.") from error

    order = {None: -1} | {r.revision: i for i, r in enumerate(reversed(list(script.walk_revisions())))}

    try:
        with engine_for(settings).begin() as connection:
            config.attributes["connection"] = connection
            lock(connection)
            version = MigrationContext.configure(connection, opts={"version_table_schema": VERSION_SCHEMA})
            before = version.get_current_revision()
            if before not in order:
                raise ServiceError(
                    f"The database is at revision {before}, which this version of Atlas doesn't know. "
                    "Use the version that made it, or a newer one."
                )
            wanted = target.revision if target else None
            if order[wanted] >= order[before]:
                command.upgrade(config, wanted or "heads")
            else:
                command.downgrade(config, wanted or "base")
            after = version.get_current_revision()
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        reason = str(cause).strip().splitlines()[0]
        raise ServiceError(f"The migration was refused, nothing was changed: {reason}") from error
    return before, after


def settle(settings: Settings) -> None:
    """Give a copy of a migrated database what a copy doesn't bring: its own rights, and its login's defaults.

    ``migrate`` does it, too.
    """
    from atlas.database import connect  # noqa: PLC0415

    with connect(settings, autocommit=False) as connection:
        connection.execute(SETTLE)


def lock(connection: Connection) -> None:
    """Wait until no other process migrates; held until the transaction ends."""
    from sqlalchemy import text  # noqa: PLC0415

    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})


def _config(project: Path) -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # ConfigParser reads % as interpolation.
    config.set_main_option("script_location", str(project / "migrations").replace("%", "%%"))
    return config
