"""Run the migrations in one transaction, one process at a time.

`atlas migrate` passes an open SQLAlchemy connection in ``config.attributes``. Alembic's own ``alembic`` command works
too (``alembic history``, ``alembic current``), with the same connection settings as every other command.
"""

from alembic import context
from sqlalchemy import Connection, text

from atlas.migrate import SETTLE, VERSION_SCHEMA, engine_for, lock
from atlas.settings import Settings


def run(connection: Connection) -> None:
    """Migrate on ``connection``; whoever comes second waits, then finds nothing left to do."""
    lock(connection)
    connection.exec_driver_sql(SETTLE)
    connection.execute(text(f"create schema if not exists {VERSION_SCHEMA}"))
    context.configure(connection=connection, version_table_schema=VERSION_SCHEMA, transactional_ddl=True)
    # The lock has to end with the transaction that holds the changes, so the transaction is the caller's.
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with engine_for(Settings.from_environment()).begin() as connection:
        run(connection)
