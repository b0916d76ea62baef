"""From outputs to variables, each read back by what will read it: libpq, redis, Atlas's settings, a shell."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
import struct
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from psycopg.pq import PGconn
from redis import Redis

from atlas.database import connection_parameters
from atlas.settings import Settings
from atlas.stacks.certificates import issue, new_authority
from atlas.stacks.place import Place
from atlas.stacks.variables import private_files, variables, write_environment
from atlas_infra.outputs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = {"postgres_password", "redis_password", "object_store_secret_key", "object_store_erasure_secret_key"}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("PG", "ATLAS_", "PULUMI_"))]:
        monkeypatch.delenv(name)


def outputs(**given: Any) -> dict[str, Any]:
    """Outputs of a stack, none of which says much but those given."""
    named = {output.name: 1234 if output.type is int else output.name.replace("_", "-") for output in OUTPUTS}
    return named | {"redis_scheme": "rediss", "postgres_sslmode": "verify-full"} | given


def place_in(directory: Path) -> Place:
    project = directory / "project"
    return Place("try", project / "infra", directory / "stacks" / "try", directory / "pulumi")


@contextmanager
def entered(found: dict[str, Any]) -> Iterator[None]:
    """The stack's variables in this process, and its files where they say."""
    directory = Path(tempfile.mkdtemp())
    before = dict(os.environ)
    try:
        write_environment(found, place_in(directory))
        os.environ.update(variables(found, place_in(directory).directory))
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(directory)


def libpq_finds(url: str) -> tuple[str, str, str, str]:
    """Host, user, database and password, as libpq reads them before it connects."""
    connection = PGconn.connect_start(url.encode())
    try:
        return tuple(  # type: ignore[return-value]
            value.decode() for value in (connection.host, connection.user, connection.db, connection.password)
        )
    finally:
        connection.finish()


HOSTS = ["localhost", "127.0.0.1", "::1", "2001:db8::5", "/tmp/a:b\\c d", "/run/postgresql/é%41"]  # noqa: S108


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("user", ["atlas", "a:b", "back\\slash", "Ada Ü", "a@b/c?d=e#f%41"])
def test_libpq_finds_host_user_database_and_password(host: str, user: str) -> None:
    password = r"a:b\c\\d::e\:"
    found = outputs(postgres_host=host, postgres_user=user, postgres_password=password, postgres_database="d/b ü")
    with entered(found):
        url = os.environ["ATLAS_DATABASE_URL"]
        assert libpq_finds(url) == (host, user, "d/b ü", password)
        parameters = connection_parameters(Settings.from_environment())
    expected = {"host": host, "port": "1234", "user": user, "dbname": "d/b ü", "sslmode": "verify-full"}
    assert parameters == expected


@settings_of_hypothesis(max_examples=100, deadline=None)
@given(password=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40))
def test_libpq_finds_any_password(password: str) -> None:
    with entered(outputs(postgres_host="127.0.0.1", postgres_password=password)):
        assert libpq_finds(os.environ["ATLAS_DATABASE_URL"])[3] == password


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({"postgres_host": "::1"}, ""), ({"postgres_port": 4321}, ""), ({"postgres_user": "ada"}, "")],
)
def test_the_password_is_for_that_server_and_user_alone(changed: dict[str, Any], expected: str) -> None:
    found = outputs(postgres_host="127.0.0.1")
    with entered(found):
        url = variables(found | changed, Path("/nowhere"))["ATLAS_DATABASE_URL"]
        assert libpq_finds(url)[3] == expected


AUTHORITY = new_authority("Atlas stack try")


@contextmanager
def tls_server(directory: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Speaks PostgreSQL's protocol as far as TLS; keeps what clients said inside it. Gives its port."""
    certificate = issue(AUTHORITY, ["localhost"])
    (directory / "tls.crt").write_text(certificate.certificate)
    (directory / "tls.key").write_text(certificate.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "tls.crt", directory / "tls.key")
    said: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            try:
                while struct.unpack("!ii", client.recv(8))[1] != 80877103:  # SSLRequest
                    client.sendall(b"N")
                client.sendall(b"S")
                with context.wrap_socket(client, server_side=True) as inside:
                    said.append(inside.recv(1000))
            except (OSError, struct.error):
                client.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], said
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    ("host", "sslmode", "ca", "reason"),
    [
        ("localhost", "verify-full", AUTHORITY.certificate, None),
        ("127.0.0.1", "verify-full", AUTHORITY.certificate, 'does not match host name "127.0.0.1"'),
        ("127.0.0.1", "verify-ca", AUTHORITY.certificate, None),
        ("localhost", "verify-full", new_authority("Another").certificate, "certificate verify failed"),
        ("localhost", "verify-full", "", "certificate verify failed"),
        # Encrypted, but nothing is checked; an authority in the user's home must not get in the way.
        ("localhost", "require", "", None),
    ],
)
def test_libpq_checks_the_server_s_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, sslmode: str, ca: str, reason: str | None
) -> None:
    home = tmp_path / "home" / ".postgresql"
    home.mkdir(parents=True)
    (home / "root.crt").write_text(new_authority("Of another server").certificate)
    monkeypatch.setenv("HOME", str(home.parent))
    with tls_server(tmp_path) as (port, said):
        found = outputs(postgres_host=host, postgres_port=port, postgres_sslmode=sslmode, postgres_ca=ca)
        with entered(found), pytest.raises(psycopg.OperationalError) as caught:
            psycopg.connect(os.environ["ATLAS_DATABASE_URL"])
    if reason is None:
        # Through TLS it came as far as signing in; then the server hung up.
        assert len(said) == 1
        assert b"user\0postgres-user\0" in said[0]
    else:
        assert reason in str(caught.value)
        assert not [text for text in said if text]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2001:db8::5", "cache.example.com"])
@pytest.mark.parametrize("user", ["atlas", "a:b@c/d ü%41"])
def test_redis_finds_host_port_and_user(host: str, user: str) -> None:
    url = variables(outputs(redis_host=host, redis_user=user), Path("/d"))["ATLAS_REDIS_URL"]
    with Redis.from_url(url) as client:
        known = client.connection_pool.connection_kwargs
    assert (known["host"], known["port"], known["username"], known["db"]) == (host, 1234, user, 0)


def test_no_variable_and_no_export_holds_a_secret(tmp_path: Path) -> None:
    found = outputs() | {name: f"planted-{name}" for name in SECRETS}
    assert "planted" not in str(variables(found, tmp_path))
    write_environment(found, place_in(tmp_path))
    assert "planted" not in place_in(tmp_path).env_file.read_text()
    # And what isn't for everyday commands is in no file at all.
    kept = {path.name: path.read_text() for path in place_in(tmp_path).directory.iterdir()}
    assert {name for name, text in kept.items() if "planted" in text} == {
        "pgpass",
        "redis-password",
        "object-store-secret-key",
    }
    assert "erasure" not in str(kept)


@pytest.mark.parametrize("service", ["postgres", "redis", "object_store"])
def test_an_authority_that_a_service_no_longer_has_goes(tmp_path: Path, service: str) -> None:
    file = place_in(tmp_path).directory / f"{service.replace('_', '-')}-ca.crt"
    write_environment(outputs(), place_in(tmp_path))
    assert file.exists()
    write_environment(outputs(**{f"{service}_ca": ""}), place_in(tmp_path))
    assert not file.exists()
    values = variables(outputs(**{f"{service}_ca": ""}), place_in(tmp_path).directory)
    assert str(file) not in values.values()
    assert file.name not in private_files(outputs(**{f"{service}_ca": ""}))


def test_everything_is_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_environment(outputs(), place_in(tmp_path))
    finally:
        os.umask(before)
    directory = place_in(tmp_path).directory
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    assert len(modes) == 8
    assert set(modes.values()) == {0o600}


ODD = 'it\'s "$HOME" `id` $(id) \\ *\n; exit 1 #é'


def sourced(file: Path) -> dict[str, str]:
    """What a POSIX shell's children get, after it read the file."""
    script = '. "$1" && exec env -0'
    done = subprocess.run(
        ["sh", "-c", script, "sh", str(file)], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True
    )
    assert done.stderr == b""
    return dict(entry.split("=", 1) for entry in done.stdout.decode().split("\0") if entry)


def test_a_shell_takes_every_value_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / ODD.replace("/", "")
    found = outputs(object_store_access_key=ODD, object_store_bucket_docs="$HOME", object_store_region="a b")
    place = place_in(home)
    write_environment(found, place)
    taken = sourced(place.env_file)
    expected = variables(found, place.directory)
    assert {name: taken[name] for name in expected} == expected
    assert taken["ATLAS_OBJECT_STORE_ACCESS_KEY"] == ODD
    assert taken["ATLAS_PROJECT"] == str(home / "project")


def test_a_stack_that_is_not_up_sets_what_pulumi_needs_alone(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    write_environment({}, place)
    taken = sourced(place.env_file).keys() - {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}
    assert taken == {"ATLAS_PROJECT", "DBT_PROFILES_DIR", "PULUMI_BACKEND_URL", "PULUMI_STACK"}
    assert [path.name for path in place.directory.iterdir()] == ["env"]
