"""``atlas land`` as its users meet it: one clear line, the right exit code, no traceback, no password."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from landing_support import (
    THINGS,
    atlas,
    audit,
    emptied_settings,  # noqa: F401 - a fixture
    ndjson,
    write,
)

from atlas import embedded
from atlas.database import connect
from atlas.errors import UsageError
from atlas.landing import land_file, land_stream
from atlas.migrate import migrate
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

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
SNAPSHOTS = """
sources:
  - name: test
    tables:
      - name: states
        identifier: raw_test__states
        config: {meta: {landing: {delivery: snapshot, key: [id]}}}
        columns: [{name: id, data_type: text, config: {meta: {required: true}}}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "x.ndjson", ndjson([CUSTOMER]))


@pytest.fixture
def snapshots(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a project with a source that delivers snapshots."""
    models = tmp_path / "project" / "models"
    models.mkdir(parents=True)
    (models / "sources.yml").write_text(SNAPSHOTS)
    (models.parent / "dbt_project.yml").touch()
    (models.parent / "migrations").symlink_to(Path(environment["ATLAS_PROJECT"]) / "migrations")
    return environment | {"ATLAS_PROJECT": str(models.parent)}


def complaint(environment: dict[str, str], code: int, *arguments: str | Path | bytes) -> str:
    """The one line on standard error of a command that fails."""
    done = atlas(environment, *arguments)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, len(lines), done.stdout) == (code, 1, b""), done
    assert lines[0].startswith("atlas: ")
    return lines[0]


def ledger_is_empty(settings: Settings) -> bool:
    with connect(settings) as connection:
        return connection.execute("select count(*) from explore.batches").fetchone() == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope.customers", "x"], "There is no source 'nope.customers'. Declared: crm.customers"),
        (["crm.nope", "x"], "The system 'crm' declares no entity 'nope'"),
        (["customers", "x"], "A source is named SYSTEM.ENTITY"),
        (['crm."; drop schema explore cascade; --', "x"], "declares no entity"),
        (["crm.customers", "missing.ndjson"], "There is no file missing.ndjson"),
        (["crm.customers", "empty"], "The directory empty holds no file to land"),
        (["crm.customers", "plain.dat"], "can't tell the format by the name"),
        (["crm.customers", "plain.dat", "--format", "xml"], "The format must be one of ndjson, csv, parquet"),
        (["crm.customers", "-", "--format", "parquet"], "Parquet can't be read from standard input"),
        (["crm.customers", "plain.dat", "--snapshot-at", "2024-01-01T00:00:00Z"], "delivers changes"),
        (["crm.customers", "/dev/null", "--format", "csv"], "isn't a regular file"),
        (["crm.customers", "pipe.ndjson"], "isn't a regular file"),
    ],
)
def test_wrong_use(
    environment: dict[str, str],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.ndjson")
    write(tmp_path / "plain.dat", b"{}")
    assert message in complaint(environment, 2, "land", *arguments)
    assert ledger_is_empty(settings)


def test_directory(environment: dict[str, str], tmp_path: Path) -> None:
    """Its files in order, one batch each; what can't be told is named, and what is hidden is left alone."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("b.ndjson", "a.jsonl", "notes.txt", ".hidden.ndjson"):
        write(folder / name, ndjson([CUSTOMER | {"name": name}]))
    (folder / "sub.csv").mkdir()
    done = atlas(environment, "land", "crm.customers", folder, "--json")
    assert done.returncode == 0
    assert [Path(receipt["name"]).name for receipt in json.loads(done.stdout)] == ["a.jsonl", "b.ndjson"]
    assert done.stderr.decode() == f"Left out, its name tells no format: {folder / 'notes.txt'}\n"


def test_file_without_permission(settings: Settings, file: Path) -> None:
    file.chmod(0)
    with connect(settings) as connection:
        user = os.geteuid()
        if user == 0:
            os.seteuid(pwd.getpwnam("nobody").pw_uid)  # root reads everything
        try:
            with pytest.raises(UsageError, match=f"^{re.escape(str(file))} can't be read: Permission denied.$"):
                land_file(connection, THINGS, file)
        finally:
            os.seteuid(user)
    assert ledger_is_empty(settings)


def test_reading_fails_halfway(connection: psycopg.Connection) -> None:
    """Such as from a disk that gives up; here a connection that is reset."""
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as reader, reader.makefile("rb", buffering=0) as stream:
        writer, _ = server.accept()
        writer.sendall(b"{}\n" * 1000)
        writer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
        receipt = land_stream(connection, THINGS, stream)  # type: ignore[arg-type]
    assert receipt.outcome == "refused"
    assert str(receipt.refusal).startswith("unreadable_file: Connection reset")
    audit(connection, THINGS, receipt)


def test_outcomes(environment: dict[str, str], tmp_path: Path, file: Path) -> None:
    """0 landed or there already, 1 refused as a whole or with nothing taken; as text and as JSON."""
    bad = write(tmp_path / "bad.ndjson", b"{\n")
    empty = write(tmp_path / "empty.csv", b"")
    for path, code, outcome in (
        (file, 0, "landed"),
        (file, 0, "already_landed"),
        (bad, 1, "landed"),
        (empty, 1, "refused"),
    ):
        done = atlas(environment, "land", "crm.customers", path, "--json")
        [receipt] = json.loads(done.stdout)
        assert (done.returncode, receipt["outcome"], done.stderr) == (code, outcome, b"")
        assert receipt["accepted"] + receipt["duplicate"] + receipt["quarantined"] == receipt["read"]
    done = atlas(environment, "land", "crm.customers", write(tmp_path / "y.ndjson", ndjson([CUSTOMER, {"a": 1}])))
    assert (done.returncode, done.stderr) == (0, b"")
    assert "2 read = 0 accepted + 1 duplicate + 1 quarantined" in done.stdout.decode()
    assert re.search(r"quarantined: missing_field 1 \(atlas quarantine list --batch \d+\)", done.stdout.decode())
    shown = [atlas(environment, "land", "crm.customers", path).stdout.decode() for path in (file, empty)]
    assert "landed before, as batch" in shown[0]
    assert "refused as a whole: empty_file: it holds no bytes" in shown[1]


def test_standard_input(environment: dict[str, str]) -> None:
    done = atlas(environment, "land", "crm.customers", "-", "--json", stdin=ndjson([CUSTOMER]))
    [receipt] = json.loads(done.stdout)
    assert (done.returncode, receipt["name"], receipt["accepted"]) == (0, "standard input", 1)


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        ("yesterday", "must be a time such as"),
        ("2024-13-01T00:00:00Z", "must be a time such as"),
        ("2024-01-01T00:00:00", "must say its time zone"),
        ("", "must be a time such as"),
    ],
)
def test_bad_moment(snapshots: dict[str, str], file: Path, moment: str, message: str) -> None:
    assert message in complaint(snapshots, 2, "land", "test.states", file, "--snapshot-at", moment)


def test_moment_of_a_snapshot(snapshots: dict[str, str], settings: Settings, file: Path) -> None:
    write(file, b'{"id": "1"}')
    assert "--snapshot-at" in complaint(snapshots, 2, "land", "test.states", "-")
    for moment in ("2024-01-01T00:00:00+14:00", "2023-12-31T10:00Z"):
        assert atlas(snapshots, "land", "test.states", file, "--snapshot-at", moment).returncode == 0
    with connect(settings) as connection:
        rows = connection.execute("select snapshot_at::text from explore.batches").fetchall()
    assert rows == [("2023-12-31 10:00:00+00",)]


def test_unreachable_database(environment: dict[str, str], file: Path, tmp_path: Path) -> None:
    for url in (
        "postgresql://ada:s3cret@127.0.0.1:1/atlas",
        f"postgresql://ada:s3cret@/atlas?host={tmp_path}",
        "postgresql://ada:s3cret@[::1]:1/atlas",
    ):
        message = complaint(environment | {"ATLAS_DATABASE_URL": url}, 3, "land", "crm.customers", file)
        assert "can't be used" in message
        assert "s3cret" not in message
    gone = urlsplit(environment["ATLAS_DATABASE_URL"])._replace(path="/no_such").geturl()
    assert "does not exist" in complaint(environment | {"ATLAS_DATABASE_URL": gone}, 3, "land", "crm.customers", file)
    for url in ("s3cret", "postgresql://ada:s3 cret@/x", "mysql://ada:s3cret@localhost/x"):
        assert "cret" not in complaint(environment | {"ATLAS_DATABASE_URL": url}, 2, "land", "crm.customers", file)


def test_wrong_password(environment: dict[str, str], file: Path, project: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="atlas-scram-"))
    postgres_bin = Path(path) if (path := os.environ.get("ATLAS_POSTGRES_BIN")) else None
    own = Settings(home=home, database_url=None, postgres_bin=postgres_bin, project_hint=project)
    data = embedded.start(own).data_directory
    try:
        migrate(own)
        with connect(own) as connection:
            connection.execute("set role none")  # a login's password is its own
            connection.execute("alter role atlas password 's3cret'")
        (data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        os.kill(int(embedded.status(own).pid or 0), signal.SIGHUP)
        url = "postgresql://atlas:{}@/atlas?host=" + str(own.socket_directory)
        deadline = time.monotonic() + 120
        while "password authentication failed" not in (
            message := complaint(
                environment | {"ATLAS_DATABASE_URL": url.format("wr0ng")}, 3, "land", "crm.customers", file
            )
        ):
            assert time.monotonic() < deadline
        assert "wr0ng" not in message
        right = environment | {"ATLAS_DATABASE_URL": url.format("s3cret")}
        done = atlas(right, "land", "crm.customers", file)
        assert (done.returncode, b"s3cret" in done.stdout + done.stderr) == (0, False)
        none = complaint(environment | {"ATLAS_DATABASE_URL": url.replace(":{}", "")}, 3, "land", "crm.customers", file)
        assert "no password supplied" in none
    finally:
        embedded.stop(own)
        shutil.rmtree(home, ignore_errors=True)
        if data.is_relative_to(embedded.STORE):
            shutil.rmtree(data.parent, ignore_errors=True)


def test_schema_of_another_version(environment: dict[str, str], empty_settings: Settings, file: Path) -> None:
    own = environment | {"ATLAS_DATABASE_URL": str(empty_settings.database_url)}
    assert "no Atlas schema yet" in complaint(own, 3, "land", "crm.customers", file)
    migrate(empty_settings, "0002")
    assert "is older than this version of Atlas" in complaint(own, 3, "land", "crm.customers", file)
    assert "atlas migrate" in complaint(own, 3, "quarantine", "list")
    migrate(empty_settings)
    assert atlas(own, "land", "crm.customers", file).returncode == 0


# A shell has its background jobs ignore Ctrl-C, and they hand that down.
LISTENING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from atlas.cli import main; main()"
)


@contextmanager
def landing_under_way(environment: dict[str, str], settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A command that has begun to copy what it reads, and waits for more."""
    with subprocess.Popen(
        [sys.executable, "-c", LISTENING, "land", "crm.customers", "-"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        deadline = time.monotonic() + 120
        copying = "select exists (select from pg_locks where relation = to_regclass('explore.raw_crm__customers'))"
        with connect(settings) as connection:
            while connection.execute(copying).fetchone() != (True,):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield process
        process.kill()


def test_interrupt(environment: dict[str, str], settings: Settings) -> None:
    with landing_under_way(environment, settings) as process:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (130, b"")
    assert errors in (b"", b"atlas: Interrupted.\n")
    assert ledger_is_empty(settings)


def test_server_ends_the_session(environment: dict[str, str], settings: Settings) -> None:
    with landing_under_way(environment, settings) as process:
        with connect(settings) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid()"
            )
        output, errors = process.communicate(ndjson([CUSTOMER]), timeout=120)
    assert (process.returncode, output) == (3, b"")
    [message] = errors.decode().splitlines()
    assert "landed as a whole or not at all" in message
    assert ledger_is_empty(settings)


NAMES = [
    b"new\nline.ndjson",
    b"\x1b[2J\x1b]0;title\x07.ndjson",
    b"quotes'\"`$(x)\\.ndjson",
    b"not utf-8 \xff\xfe.ndjson",
    "ünïcödé 名前 \u202e.ndjson".encode(),
    b"x" * 240 + b".ndjson",
    b"-.ndjson",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_file_names(environment: dict[str, str], settings: Settings, tmp_path: Path, name: bytes) -> None:
    """They are written down, never obeyed."""
    path = os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(path)).write_bytes(ndjson([CUSTOMER]) + b"{")
    done = atlas(environment, "land", "crm.customers", path)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, b"", 2)
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)
    again = json.loads(atlas(environment, "land", "crm.customers", path, "--json").stdout)
    assert again[0]["outcome"] == "already_landed"
    with connect(settings) as connection:
        [(kept,)] = connection.execute("select source_name from explore.batches").fetchall()
    assert kept == path.decode("utf-8", "backslashreplace")
