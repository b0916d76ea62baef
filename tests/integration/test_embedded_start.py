"""The embedded PostgreSQL: start, use, stop."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest
from embedded_support import MODULES, Child, fixture_own_store, fixture_place, fixture_settings, query  # noqa: F401

from atlas import embedded
from atlas.database import connection_parameters
from atlas.embedded import layout
from atlas.embedded.cluster import administration
from atlas.embedded.layout import layout_of
from atlas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from atlas.settings import Settings

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def test_a_life(settings: Settings) -> None:
    assert embedded.status(settings).state == "absent"
    assert embedded.stop(settings) is False
    assert not settings.home.exists()  # neither of them makes anything

    first = embedded.start(settings)
    assert (first.state, first.started_now, first.version) == ("running", True, "18.6")
    again = embedded.start(settings)
    assert again == replace(first, started_now=False)
    assert embedded.status(settings) == again

    query(settings, "CREATE SCHEMA chart")
    query(settings, "CREATE TABLE chart.kept AS SELECT 1 AS a")
    assert embedded.stop(settings) is True
    assert embedded.stop(settings) is False
    stopped = embedded.status(settings)
    assert (stopped.state, stopped.version, stopped.pid) == ("stopped", "18", None)
    assert embedded.start(settings).started_now
    assert query(settings, "SELECT a FROM chart.kept") == [(1,)]


def test_what_the_server_is(settings: Settings) -> None:
    status = embedded.start(settings)
    shown = dict(query(settings, "SELECT name, setting FROM pg_settings"))
    assert shown["listen_addresses"] == ""
    assert shown["unix_socket_permissions"] == "0700"
    assert (shown["TimeZone"], shown["jit"], shown["max_locks_per_transaction"]) == ("UTC", "off", "256")
    assert [shown[name] for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
    assert shown["data_checksums"] == "on"
    assert query(
        settings,
        "SELECT r.rolname, pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database d"
        " JOIN pg_roles r ON r.oid = datdba WHERE datname = current_database()",
    ) == [("atlas", "UTF8", "b", "C.UTF-8")]
    assert query(settings, "SELECT string_agg(x, '' ORDER BY x), lower('É') FROM unnest('{é,z,Z,a}'::text[]) x") == [
        ("Zazé", "é")
    ]
    assert query(
        settings, "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    ) == [(False, True, True)]
    query(settings, "CREATE EXTENSION pg_trgm")
    # Only the user, root and the server's own account get to the socket.
    for directory in (status.data_directory, settings.socket_directory):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    command = ["ps", "-o", "sess=,tty=", "-p", str(status.pid)]
    session, terminal = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert int(session) != os.getsid(0)
    assert terminal == "?"


def test_nothing_listens_on_tcp(settings: Settings) -> None:
    embedded.start(settings)
    with socket.socket() as client, pytest.raises(OSError, match="refused"):
        client.connect(("127.0.0.1", 5432))


def test_psycopg2_connects_through_the_socket_directory(settings: Settings) -> None:
    embedded.start(settings)
    connection = psycopg2.connect(**connection_parameters(settings))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("atlas", "atlas")
    connection.close()


def test_starts_at_once_make_one_server(settings: Settings) -> None:
    starts = [Child(embedded.start, settings) for _ in range(4)]
    found = [child.outcome() for child in starts]
    assert len({status.pid for status in found}) == 1
    assert [status.started_now for status in found].count(True) == 1


def test_a_lost_database_is_made_again(settings: Settings) -> None:
    """As after a kill between initdb and CREATE DATABASE: the next start heals, though the server runs."""
    embedded.start(settings)
    with administration(layout_of(settings)) as connection:
        connection.execute("DROP DATABASE atlas")
        connection.execute("DROP ROLE atlas")
    assert embedded.start(settings).started_now is False
    assert query(settings, "SELECT current_user::text") == [("atlas",)]


def test_a_caller_that_reads_the_output_is_not_held_up(place: Path, settings: Settings) -> None:
    code = "from atlas import embedded, settings as s; embedded.layout.STORE = s.Path({store!r});"
    code += "embedded.start(s.Settings.from_environment()); print('done')"
    ended = subprocess.run(
        [sys.executable, "-c", code.format(store=str(layout.STORE))],
        env={"PATH": os.environ["PATH"], "ATLAS_HOME": str(settings.home), "PYTHONPATH": MODULES},
        cwd=place,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ("done\n", "")
    assert embedded.status(settings).running


@pytest.mark.skipif(not DEBIAN_15.is_dir(), reason="there is no PostgreSQL 15 installed")
def test_an_installed_postgres_15(settings: Settings) -> None:
    installed = replace(settings, postgres_bin=DEBIAN_15)
    status = embedded.start(installed)
    assert status.version is not None
    assert status.version.startswith("15.")
    assert query(installed, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{é,z,Z,a}'::text[]) x") == [("Zazé",)]
    query(installed, "CREATE SCHEMA chart")
    embedded.stop(installed)
    with pytest.raises(ServiceError, match="made by PostgreSQL 15, but this is PostgreSQL 18"):
        embedded.start(settings)
    assert embedded.start(installed).started_now


def test_another_server_by_url(settings: Settings) -> None:
    elsewhere = replace(settings, database_url="postgresql://u:hunter2@db/x")
    for function in (embedded.start, embedded.stop):
        with pytest.raises(UsageError, match="ATLAS_DATABASE_URL points to another server") as caught:
            function(elsewhere)
        assert "hunter2" not in str(caught.value)
    assert not settings.home.exists()
