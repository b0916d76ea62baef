"""The embedded PostgreSQL: homes of all kinds."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from embedded_support import (  # noqa: F401
    AS_ROOT,
    NOBODY,
    Child,
    as_nobody,
    fixture_own_store,
    fixture_place,
    fixture_settings,
    fixture_users,
    query,
)

from atlas import embedded
from atlas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.settings import Settings


@pytest.mark.parametrize("name", ["with space", 'it\'s "quoted" $(x) `y` \\n', "Größe 数据", "a%b#c"])
def test_odd_paths(users: Settings, name: str) -> None:
    users = replace(users, home=users.home / name)
    assert as_nobody(embedded.start, users).started_now
    assert query(users, "SELECT 1") == [(1,)]
    assert as_nobody(embedded.stop, users) is True


def test_a_comma_in_the_path_is_refused(place: Path, settings: Settings) -> None:
    with pytest.raises(UsageError, match="comma"):
        embedded.start(replace(settings, home=place / "a,b"))
    assert not (place / "a,b").exists()


@pytest.mark.parametrize("drop", [True, False] if AS_ROOT else [False])
def test_a_long_home_has_its_socket_in_tmp(users: Settings, drop: bool) -> None:
    users = replace(users, home=users.home / ("x" * 100))
    directory = users.socket_directory
    try:
        assert Child(embedded.start, users, drop=drop).outcome().started_now
        assert directory.is_relative_to("/tmp")  # noqa: S108
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert query(users, "SELECT 1") == [(1,)]
        assert Child(embedded.stop, users, drop=drop).outcome() is True
    finally:
        shutil.rmtree(directory)


def test_a_socket_directory_in_tmp_that_is_not_ours_is_refused(place: Path, users: Settings) -> None:
    users = replace(users, home=users.home / ("x" * 100))
    directory = users.socket_directory

    def refusal() -> str:
        os.chown(directory, NOBODY.pw_uid, -1, follow_symlinks=False)
        error = as_nobody(embedded.start, users)
        assert isinstance(error, ServiceError)
        return str(error)

    try:
        directory.mkdir(mode=0o755)
        assert "others may enter it (its mode is 755, not 700)" in refusal()
        directory.rmdir()
        directory.symlink_to(place)
        assert "it is a link or a file" in refusal()
        directory.unlink()
        directory.mkdir(mode=0o700)
        if AS_ROOT:
            assert "it belongs to root" in str(as_nobody(embedded.start, users))
    finally:
        directory.rmdir()


def test_a_home_that_cannot_be_written(users: Settings) -> None:
    users.home.parent.chmod(0o555)
    error = as_nobody(embedded.start, users)
    assert isinstance(error, ServiceError)
    assert f"{users.home}: Permission denied" in str(error)


def test_a_home_that_is_a_file(settings: Settings) -> None:
    settings.home.touch()
    with pytest.raises(ServiceError, match=r"File exists|Not a directory"):
        embedded.start(settings)


def test_a_directory_with_other_things_is_left_alone(users: Settings) -> None:
    data = users.home / "postgres"
    data.mkdir(parents=True)
    (data / "thesis.txt").touch()
    for path in (users.home, data):
        os.chown(path, NOBODY.pw_uid, -1)
    assert "not a PostgreSQL data directory" in str(as_nobody(embedded.start, users))
    assert [path.name for path in data.iterdir()] == ["thesis.txt"]
