"""Landing where the surroundings are not as they should be: no room, other clocks, a clone that can't be written."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from landing_support import (
    STATES,
    THINGS,
    atlas,
    audit,
    emptied_settings,  # noqa: F401 - a fixture
    land,
    ndjson,
    rows,
    thing,
    write,
)

from atlas.database import connect
from atlas.landing import land_file

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.settings import Settings

CUSTOMER = {
    "customer_id": "C-00001",
    "name": "Ada",
    "country": "GB",
    "segment": "consumer",
    "is_active": True,
    "signed_up_on": "2020-01-01",
    "updated_at": "2024-01-01T00:00:00Z",
    "op": "create",
}
ROOM_BYTES = 64 * 1024


def test_no_room_for_refused_records(environment: dict[str, str], settings: Settings, tmp_path: Path) -> None:
    """No file may grow beyond 64 KiB, which for the records put aside is a full disk."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    refused = CUSTOMER | {"country": "x" * 1000}
    file = write(tmp_path / "x.ndjson", ndjson([CUSTOMER, *[refused] * 1000]))
    done = subprocess.run(
        [sys.executable, "-m", "atlas", "land", "crm.customers", file],
        env=environment | {"TMPDIR": str(temporary)},
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, ROOM_BYTES)),
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (3, "")
    [message] = done.stderr.splitlines()
    assert f"Refused records can't be put aside in {temporary}" in message
    assert "nothing of the delivery was landed" in message
    assert list(temporary.iterdir()) == []
    with connect(settings) as connection:
        assert connection.execute("select count(*) from explore.batches").fetchone() == (0,)
    assert atlas(environment, "land", "crm.customers", file).returncode == 0


def test_clients_clock_is_ahead_of_the_servers(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A batch arrives when the database says, in the partition of that month, whatever the client's clock shows."""
    behind = timedelta(days=45)
    connection.execute("create schema late")
    connection.execute(
        "create function late.clock_timestamp() returns timestamptz language sql"
        " return pg_catalog.clock_timestamp() - interval '45 days'"
    )
    connection.execute("set search_path = late, pg_catalog")
    try:
        receipt = land_file(connection, THINGS, write(tmp_path / "x.ndjson", ndjson([thing(1), thing(2)])))
        audit(connection, THINGS, receipt)
        [(received_at,)] = set(rows(connection, THINGS, receipt.batch_id, "received_at"))
        assert abs(datetime.now(UTC) - behind - received_at) < timedelta(minutes=1)
        assert set(rows(connection, THINGS, receipt.batch_id, "tableoid::regclass::text")) == {
            (f"explore.raw_test__things_{received_at:%Y_%m}",)
        }
    finally:
        connection.execute("reset search_path")
        connection.execute("drop schema late cascade")


def test_snapshot_from_a_clock_that_is_ahead(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A file of tomorrow is taken at its word, and doesn't keep today's from landing after it."""
    tomorrow, today = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC)
    path = write(tmp_path / "x.ndjson", b'{"id":"1"}\n')
    for moment in (tomorrow, today):
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        assert land(connection, STATES, path).accepted == 1
    found = [row[0] for row in rows(connection, STATES, None, "event_at")]
    # Floats, which os.utime takes, are a little off.
    assert [round((at - moment).total_seconds(), 3) for at, moment in zip(found, (tomorrow, today), strict=True)] == [
        0,
        0,
    ]


def test_clone_that_cannot_be_written(environment: dict[str, str], project: Path, tmp_path: Path) -> None:
    """Nothing is written into the project; so it may as well be read-only."""
    clone = tmp_path / "clone"
    for directory in ("models", "migrations"):
        shutil.copytree(project / directory, clone / directory, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project / "dbt_project.yml", clone)

    def contents() -> list[tuple[str, int]]:
        return sorted((str(path), path.stat().st_mtime_ns) for path in (clone, *clone.rglob("*")))

    before = contents()
    for path in (clone, *clone.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    environment = environment | {"ATLAS_PROJECT": str(clone)}
    file = write(tmp_path / "x.ndjson", ndjson([CUSTOMER]) + b"{")
    try:
        landed = atlas(environment, "land", "crm.customers", file, "--json")
        assert (landed.returncode, json.loads(landed.stdout)[0]["accepted"]) == (0, 1)
        for command in (["status"], ["quarantine", "list"], ["land", "crm.customers", file]):
            assert atlas(environment, *command).returncode == 0
        assert contents() == before
    finally:
        for path in (clone, *clone.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)


CONTROL = "\x1b[2J\x1b]0;t\x07\r\x9b"


@pytest.mark.parametrize(
    "arguments",
    [
        ["land", f"crm.{CONTROL}", "x.ndjson"],
        ["land", CONTROL, "x.ndjson"],
        ["land", "crm.customers", f"{CONTROL}.ndjson"],
        ["land", "crm.customers", "x.ndjson", "--format", CONTROL],
        ["land", "crm.customers", "x.ndjson", "--snapshot-at", CONTROL],
        ["quarantine", "show", CONTROL],
        ["quarantine", "replay", "1:1", "--record", CONTROL],
    ],
    ids=["entity", "source", "file", "format", "time", "record", "mended"],
)
def test_control_characters_in_a_complaint(environment: dict[str, str], arguments: list[str]) -> None:
    """What a terminal would obey is shown as something else, on one line."""
    done = atlas(environment, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    [message] = done.stderr.decode().removesuffix("\n").split("\n")
    assert message.startswith("atlas: ")
    assert message.isprintable()
