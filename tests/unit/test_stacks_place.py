"""Where a stack's private things lie, and how they are written."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from atlas.errors import UsageError
from atlas.settings import Settings
from atlas.stacks.place import Place, place_of, write_private
from atlas.stacks.workspace import _environment

PROJECT = Path(__file__).parents[2]
PULUMI = (
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_OPTION_CONFIG_FILE",
    "PULUMI_OPTION_STACK",
    "PULUMI_STACK",
)


@pytest.fixture(autouse=True)
def _no_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PULUMI:
        monkeypatch.delenv(name, raising=False)


def place(home: Path, stack: str = "try") -> Place:
    return place_of(stack, Settings(home, None, None, PROJECT))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["local", "a", "9", "e2e-4fk2", "a" * 31])
def test_a_stack_has_a_directory_of_its_own(tmp_path: Path, name: str) -> None:
    found = place(tmp_path, name)
    assert found.directory == tmp_path / "stacks" / name
    assert found.program == PROJECT / "infra"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    ["", "Local", "-local", "my_stack", "a/b", "../local", "..", "a.b", "a b", "é", "local\n", "a" * 32, "$(id)"],
)
def test_other_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"can't be a stack's name\. Take up to 31 of a-z, 0-9 and -, such as local"):
        place(tmp_path, name)


def test_a_project_without_a_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").touch()
    with pytest.raises(UsageError, match="There is no Pulumi program in"):
        place_of("local", Settings(tmp_path, None, None, tmp_path))


def test_private_files_are_their_owner_s_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "stacks" / "try" / "pgpass"
    before = os.umask(0)
    try:
        write_private(path, "x")
    finally:
        os.umask(before)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_a_file_and_a_directory_that_were_wider_become_private(tmp_path: Path) -> None:
    path = tmp_path / "open" / "pgpass"
    path.parent.mkdir(mode=0o755)
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (mode(path), mode(path.parent), path.read_text()) == (0o600, 0o700, "new")


def test_no_link_is_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("untouched")
    path = tmp_path / "private" / "pgpass"
    path.parent.mkdir()
    for link in (path, path.with_name(".pgpass.new")):
        link.symlink_to(elsewhere)
    write_private(path, "secret")
    assert elsewhere.read_text() == "untouched"
    assert not path.is_symlink()


def test_nobody_else_can_read_it_at_any_instant(tmp_path: Path) -> None:
    path = tmp_path / "private" / "pgpass"
    write_private(path, "")
    seen: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for entry in os.scandir(path.parent):
                try:
                    seen.add(stat.S_IMODE(entry.stat().st_mode))
                except FileNotFoundError:
                    continue

    before = os.umask(0)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        for _ in range(50):
            write_private(path, "x" * 1_000_000)
    finally:
        os.umask(before)
        done.set()
        thread.join()
    assert seen == {0o600}


def test_a_kill_leaves_the_old_text_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "private" / "pgpass"
    code = (
        "import sys, itertools; from pathlib import Path; from atlas.stacks.place import write_private\n"
        "for letter in itertools.cycle('ab'): write_private(Path(sys.argv[1]), letter * 1_000_000)"
    )
    for _ in range(5):
        path.unlink(missing_ok=True)
        writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
        while not path.exists():
            assert writer.poll() is None
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.02))  # noqa: S311 - an instant
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        text = path.read_text()
        assert text in ("a" * 1_000_000, "b" * 1_000_000)
    write_private(path, "after")
    assert path.read_text() == "after"
    assert [entry.name for entry in path.parent.iterdir()] == ["pgpass"]


def test_pulumi_is_told_of_what_is_there(tmp_path: Path) -> None:
    ours = place(tmp_path)
    backend = {"PULUMI_BACKEND_URL": f"file://{tmp_path}/pulumi"}
    assert ours.pulumi_variables() == backend
    write_private(ours.passphrase_file, "open sesame")
    write_private(ours.config_file, "")
    assert ours.pulumi_variables() == backend | {
        "PULUMI_CONFIG_PASSPHRASE_FILE": f"{tmp_path}/stacks/try/passphrase",
        "PULUMI_OPTION_CONFIG_FILE": f"{tmp_path}/stacks/try/Pulumi.try.yaml",
    }


def test_what_the_user_set_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "PULUMI_BACKEND_URL": "s3://states",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "mine"),
        "PULUMI_OPTION_CONFIG_FILE": str(tmp_path / "Pulumi.mine.yaml"),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    ours = place(tmp_path)
    assert ours.pulumi_variables() == given
    write_private(ours.passphrase_file, "open sesame")
    write_private(ours.config_file, "")
    assert ours.pulumi_variables() == given


def test_a_passphrase_that_the_user_set_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = place(tmp_path)
    write_private(ours.passphrase_file, "open sesame")
    # Empty is a passphrase, too: Pulumi takes it so.
    for passphrase in ("mine", ""):
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", passphrase)
        assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in ours.pulumi_variables()


def test_an_empty_variable_counts_as_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "")
    assert place(tmp_path).pulumi_variables() == {"PULUMI_BACKEND_URL": f"file://{tmp_path}/pulumi"}


def test_another_stack_s_variables_don_t_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`atlas env --stack other` was evaluated in this shell."""
    other, ours = place(tmp_path, "other"), place(tmp_path)
    for path in (other.passphrase_file, other.config_file):
        write_private(path, "")
    entered = other.pulumi_variables() | {"PULUMI_STACK": "other", "PULUMI_OPTION_STACK": "other"}
    for name, value in entered.items():
        monkeypatch.setenv(name, value)
    # A new stack has neither file yet, and must not write into the other's.
    assert not {"other", str(other.passphrase_file), str(other.config_file)} & set(_environment(ours).values())
    assert {name for name in PULUMI if _environment(ours).get(name) == ""} == {
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_OPTION_CONFIG_FILE",
        "PULUMI_OPTION_STACK",
        "PULUMI_STACK",
    }
    for path in (ours.passphrase_file, ours.config_file):
        write_private(path, "")
    assert _environment(ours)["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(ours.passphrase_file)
    assert _environment(ours)["PULUMI_OPTION_CONFIG_FILE"] == str(ours.config_file)
