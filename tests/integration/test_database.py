"""Connections: what they insist on, and what they say when there are none."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from atlas.cli import app
from atlas.database import connect
from atlas.errors import ServiceError, UsageError
from atlas.settings import Settings

KEY = "0123456789+/=_-abcdefghijklmnopqrstuv"


def test_a_session_doesnt_depend_on_what_the_database_is_set_to(
    settings: Settings, connection: psycopg.Connection
) -> None:
    connection.execute("set role none")  # the database is its login's
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


def test_the_key_of_pseudonyms_reaches_sessions_and_no_output(settings: Settings, project: Path) -> None:
    keyed = replace(settings, pseudonym_key=KEY)
    assert KEY not in repr(keyed)
    with connect(keyed) as connection:
        assert connection.execute("select current_setting('atlas.pseudonym_key')").fetchone() == (KEY,)
    with connect(settings) as connection:
        assert connection.execute("select current_setting('atlas.pseudonym_key', true)").fetchone() in {(None,), ("",)}
    environment = {
        "ATLAS_DATABASE_URL": str(settings.database_url),
        "ATLAS_PROJECT": str(project),
        "ATLAS_PSEUDONYM_KEY": KEY,
    }
    printed = CliRunner().invoke(app, ["env"], env=environment)
    assert printed.exit_code == 0, printed.output
    assert KEY not in printed.output
    script = f'{printed.output}\nprintf %s "$PGOPTIONS"'
    shell = subprocess.run(["sh", "-c", script], env=environment, check=True, capture_output=True, text=True)
    with psycopg.connect(str(settings.database_url), options=shell.stdout) as own:
        assert own.execute("select current_setting('atlas.pseudonym_key')").fetchone() == (KEY,)


@pytest.mark.parametrize("key", ["too short", "a" * 31, f"{KEY} -c role=postgres", f"{KEY}\\ "])
def test_a_key_that_can_be_none_is_refused_and_not_repeated(settings: Settings, key: str) -> None:
    with pytest.raises(UsageError, match="ATLAS_PSEUDONYM_KEY must be 32 characters") as refused:
        connect(replace(settings, pseudonym_key=key))
    assert key not in str(refused.value)
