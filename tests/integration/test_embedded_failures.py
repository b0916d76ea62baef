"""The embedded PostgreSQL that can't start: the user gets a sentence."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from embedded_support import (  # noqa: F401
    AS_ROOT,
    NOBODY,
    as_nobody,
    fixture_own_store,
    fixture_place,
    fixture_settings,
    fixture_users,
    query,
    real_data,
    wait_until,
)

from atlas import embedded
from atlas.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.settings import Settings


def programs(place: Path, script: str) -> Path:
    directory = place / "bin"
    directory.mkdir()
    for name in ("initdb", "pg_ctl", "postgres"):
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
    return directory


@pytest.mark.parametrize(
    ("postgres", "sentence"),
    [
        (None, "There is no initdb in"),
        ("echo 'postgres (PostgreSQL) 14.20'", "needs PostgreSQL 15 or later"),
        ("echo nonsense", "needs PostgreSQL 15 or later"),
    ],
)
def test_programs_that_will_not_do(place: Path, settings: Settings, postgres: str | None, sentence: str) -> None:
    directory = place / "bin" if postgres is None else programs(place, postgres)
    with pytest.raises(ServiceError, match=sentence):
        embedded.start(replace(settings, postgres_bin=directory))


def test_a_setting_that_the_server_refuses(settings: Settings) -> None:
    embedded.start(settings)
    embedded.stop(settings)
    configuration = real_data(settings) / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(sound + "\nshared_buffers = 'much'\n")
    with pytest.raises(ServiceError, match=r"Starting the embedded PostgreSQL failed: .+ log is") as caught:
        embedded.start(settings)
    assert "shared_buffers" in str(caught.value) or "postgresql.conf" in str(caught.value)
    configuration.write_text(sound)
    assert embedded.start(settings).running


def test_an_initdb_that_finds_no_space(place: Path, settings: Settings) -> None:
    directory = programs(place, "echo 'postgres (PostgreSQL) 18.6'")
    with (directory / "initdb").open("w") as initdb:
        initdb.write(
            '#!/bin/sh\n[ "$1" = --version ] && exit\necho "initdb: error: x: No space left on device" >&2; exit 1\n'
        )
    with pytest.raises(ServiceError, match=r"no space left .+ \(\d+ MB free\)\. Make room"):
        embedded.start(replace(settings, postgres_bin=directory))
    assert embedded.status(settings).state == "absent"


@pytest.mark.skipif(not AS_ROOT, reason="a small disk takes a mount; the next test has a part of this")
def test_a_full_disk(place: Path, settings: Settings) -> None:
    disk = place / "disk"
    disk.mkdir()
    options = f"size=150m,mode=700,uid={NOBODY.pw_uid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", disk], check=True)
    users = replace(settings, home=disk / "home")
    filler = disk / "filler"

    def fill(leave: int) -> None:
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - leave)

    try:
        for leave in (0, 25 * 2**20):  # before initdb; in the midst of it
            fill(leave)
            assert f"no space left for the embedded PostgreSQL in {users.home}" in str(as_nobody(embedded.start, users))
            assert list(users.home.glob("postgres*")) in ([], [users.home / "postgres.lock"])
            filler.unlink()
        started = as_nobody(embedded.start, users)
        assert started.started_now
        os.kill(started.pid, signal.SIGKILL)  # so that the next start has to recover, which writes
        wait_until(lambda: as_nobody(embedded.status, users).pid is None)
        fill(0)
        assert "no space left" in str(as_nobody(embedded.start, users))
        filler.unlink()
        assert as_nobody(embedded.start, users).started_now
        assert query(users, "SELECT 1") == [(1,)]
        assert as_nobody(embedded.stop, users) is True
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
