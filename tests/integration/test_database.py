"""Connections: what they insist on, and what they say when there are none."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from atlas.database import connect
from atlas.errors import ServiceError
from atlas.settings import Settings


def test_a_session_doesnt_depend_on_what_the_database_is_set_to(
    settings: Settings, connection: psycopg.Connection
) -> None:
    for setting, value in (
        ("default_transaction_isolation", "repeatable read"),
        ("timezone", "Pacific/Auckland"),
        ("datestyle", "German"),
    ):
        connection.execute(
            sql.SQL("alter database {} set {} to {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(setting), value
            )
        )
    with connect(settings) as fresh:
        # Locks are taken before what others have committed is looked at: each statement must see it.
        assert fresh.execute("show transaction_isolation").fetchone() == ("read committed",)
        assert fresh.execute("show timezone").fetchone() == ("UTC",)
        assert fresh.execute("select date '2024-02-01'::text").fetchone() == ("2024-02-01",)


def test_no_server_at_all(settings: Settings) -> None:
    nowhere = Settings(
        home=settings.home,
        database_url="postgresql://atlas:secret@localhost:1/atlas",
        postgres_bin=None,
        project_hint=settings.project,
    )
    with pytest.raises(ServiceError, match="port 1 failed: Connection refused") as refusal:
        connect(nowhere)
    assert "secret" not in str(refusal.value)
