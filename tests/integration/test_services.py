"""Services that can't be used: one clear sentence, soon, without a secret. What works is tested on real containers."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from atlas import services
from atlas.doctor import examine
from atlas.errors import AtlasError, ServiceError, UsageError
from atlas.settings import LineageSettings, ObjectStoreSettings, RedisSettings, Settings
from atlas.stacks.certificates import issue, new_authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "hunter2hunter2hunter2"
SOON_S = 5
AUTHORITY = new_authority("Atlas stack try")
SERVER = issue(AUTHORITY, ["localhost"])


@pytest.fixture(name="files")
def fixture_files(tmp_path: Path) -> Path:
    """What the settings may name: a secret, an authority, another one, and files that are neither."""
    for name, text in {
        "secret": f"{SECRET}\n",
        "ca": AUTHORITY.certificate,
        "other-ca": new_authority("Another").certificate,
        "tls.crt": SERVER.certificate,
        "tls.key": SERVER.key,
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    return tmp_path


@pytest.fixture(name="closed_port")
def fixture_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def answering(text: bytes) -> Iterator[int]:
    """A server of some other kind, which says the same to everybody."""

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(1000)
                client.sendall(text)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def redis(files: Path, url: str, holder: str = "secret", ca: str | None = None) -> RedisSettings:
    return RedisSettings(url, files / holder, files / ca if ca else None)


def store(files: Path, url: str, holder: str = "secret", ca: str = "ca") -> ObjectStoreSettings:
    buckets = {purpose: f"ours-{purpose}" for purpose in ("landing", "archive", "backups", "docs")}
    return ObjectStoreSettings(url, "us-east-1", "atlas", files / holder, files / ca, buckets)


def refusal(kind: type[AtlasError], check: Callable[[], str], seconds: float = SOON_S) -> str:
    """The sentence that a check ends with: of one line, soon, without a secret."""
    start = time.monotonic()
    with pytest.raises(kind) as caught:
        check()
    assert time.monotonic() - start < seconds
    message = str(caught.value)
    assert type(caught.value) is kind
    assert SECRET not in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_no_redis_listens(files: Path, closed_port: int, scheme: str) -> None:
    settings = redis(files, f"{scheme}://atlas@localhost:{closed_port}/0", ca="ca")
    said = refusal(ServiceError, lambda: services.check_redis(settings))
    assert said.startswith("Redis of ATLAS_REDIS_URL can't be used: ")
    assert "refused" in said


def test_nothing_else_listens(files: Path, closed_port: int) -> None:
    url = f"https://localhost:{closed_port}"
    said = refusal(ServiceError, lambda: services.check_object_store(store(files, url)))
    assert said == f"Bucket ours-landing at {url} can't be read: Connection refused."
    url = f"http://localhost:{closed_port}"
    said = refusal(ServiceError, lambda: services.check_lineage(LineageSettings(url)))
    assert said.startswith(f"Marquez at {url} doesn't answer: ")
    assert "refused" in said


def test_a_host_that_doesn_t_exist(files: Path) -> None:
    host = "no-such-host.invalid"
    for check in (
        lambda: services.check_redis(redis(files, f"rediss://atlas@{host}:6379/0")),
        lambda: services.check_object_store(store(files, f"https://{host}")),
        lambda: services.check_lineage(LineageSettings(f"http://{host}:5000")),
    ):
        assert host in refusal(ServiceError, check, seconds=20)


def test_a_server_that_says_nothing(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "TIMEOUT_S", 1)
    # Its backlog takes the connections; nobody ever answers.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        said = refusal(ServiceError, lambda: services.check_redis(redis(files, f"redis://atlas@127.0.0.1:{port}/0")))
        assert "imeout" in said
        said = refusal(ServiceError, lambda: services.check_object_store(store(files, f"https://127.0.0.1:{port}")))
        assert said.endswith("can't be read: Timeout.")
        said = refusal(ServiceError, lambda: services.check_lineage(LineageSettings(f"http://127.0.0.1:{port}")))
        assert "timed out" in said


def test_a_server_of_another_kind(files: Path) -> None:
    with answering(b"-ERR who are you?\r\n") as port:
        refusal(ServiceError, lambda: services.check_redis(redis(files, f"rediss://atlas@localhost:{port}/0", ca="ca")))
        refusal(ServiceError, lambda: services.check_object_store(store(files, f"https://localhost:{port}")))
        said = refusal(ServiceError, lambda: services.check_lineage(LineageSettings(f"http://localhost:{port}")))
        assert "who are you?" in said
    with answering(b"HTTP/1.0 404 Not Found\r\n\r\n") as port:
        assert "Not Found" in refusal(
            ServiceError, lambda: services.check_lineage(LineageSettings(f"http://localhost:{port}"))
        )
        refusal(ServiceError, lambda: services.check_redis(redis(files, f"redis://atlas@localhost:{port}/0")))


def test_a_login_that_redis_refuses(files: Path) -> None:
    with answering(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n") as port:
        said = refusal(ServiceError, lambda: services.check_redis(redis(files, f"redis://atlas@localhost:{port}/0")))
    assert "invalid username-password pair" in said


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://localhost:6379",
        f"redis://atlas:{SECRET}@localhost:port/0",
        f"rediss://atlas:{SECRET}@localhost:99999/0",
        f"rediss://atlas:{SECRET}@[::1/0",
    ],
)
def test_a_url_that_is_none_of_redis(files: Path, url: str) -> None:
    said = refusal(UsageError, lambda: services.check_redis(redis(files, url)))
    assert said == "ATLAS_REDIS_URL isn't of the form rediss://user@host:6379/0."


ADDRESSES = [
    "localhost:9000",
    "https://",
    "https://localhost:port",
    "https://localhost:99999",
    "https://[::1",
    "https://local host",
    "https://localhost\n",
    "file:///etc/passwd",
    "ftp://localhost",
    f"https://atlas:{SECRET}@localhost:9000",
]


@pytest.mark.parametrize("url", [*ADDRESSES, "http://localhost:9000"])
def test_a_url_that_is_no_object_store_s(files: Path, url: str) -> None:
    said = refusal(UsageError, lambda: services.check_object_store(store(files, url)))
    assert said == "ATLAS_OBJECT_STORE_URL isn't an address such as https://s3.example.com, without a login."


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_url_that_is_not_marquez_s(url: str) -> None:
    said = refusal(UsageError, lambda: services.check_lineage(LineageSettings(url)))
    assert said == "OPENLINEAGE_URL isn't an address such as http://localhost:15000, without a login."


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nothing", "which can't be read: No such file or directory."),
        (".", "which can't be read: Is a directory."),
        ("binary", "which isn't text."),
    ],
)
def test_a_file_that_can_t_be_read(files: Path, name: str, reason: str) -> None:
    there = {
        "ATLAS_REDIS_PASSWORD_FILE": lambda: services.check_redis(redis(files, "redis://localhost/0", holder=name)),
        "ATLAS_REDIS_CA": lambda: services.check_redis(redis(files, "rediss://localhost/0", ca=name)),
        "ATLAS_OBJECT_STORE_SECRET_KEY_FILE": lambda: services.check_object_store(
            store(files, "https://localhost", holder=name)
        ),
        "ATLAS_OBJECT_STORE_CA": lambda: services.check_object_store(store(files, "https://localhost", ca=name)),
        "ATLAS_OPENLINEAGE_API_KEY_FILE": lambda: services.check_lineage(
            LineageSettings("https://localhost", files / name)
        ),
    }
    for variable, check in there.items():
        assert refusal(UsageError, check) == f"{variable} names {files / name}, {reason}"


def test_a_file_without_a_certificate(files: Path) -> None:
    reason = f"names {files / 'secret'}, which holds no certificate in PEM form."
    said = refusal(UsageError, lambda: services.check_redis(redis(files, "rediss://localhost/0", ca="secret")))
    assert said == f"ATLAS_REDIS_CA {reason}"
    said = refusal(UsageError, lambda: services.check_object_store(store(files, "https://localhost", ca="secret")))
    assert said == f"ATLAS_OBJECT_STORE_CA {reason}"


class S3(BaseHTTPRequestHandler):
    """Knows nobody, and keeps what it was told."""

    requests: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        self.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        body = b"<Error><Code>InvalidAccessKeyId</Code><Message>nobody we know</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(name="s3")
def fixture_s3(files: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "tls.crt", files / "tls.key")
    S3.requests.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), S3) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_key_that_the_object_store_doesn_t_know(files: Path, s3: int) -> None:
    url = f"https://localhost:{s3}"
    said = refusal(ServiceError, lambda: services.check_object_store(store(files, url)))
    assert said == f"Bucket ours-landing at {url} can't be read: InvalidAccessKeyId."


def test_a_certificate_that_the_authority_didn_t_sign(files: Path, s3: int) -> None:
    said = refusal(
        ServiceError, lambda: services.check_object_store(store(files, f"https://localhost:{s3}", ca="other-ca"))
    )
    assert said.endswith("can't be read: InvalidCertificate: UnknownIssuer.")
    redis_settings = redis(files, f"rediss://atlas@localhost:{s3}/0", ca="other-ca")
    assert "CERTIFICATE_VERIFY_FAILED" in refusal(ServiceError, lambda: services.check_redis(redis_settings))
    assert not S3.requests


def test_a_certificate_for_another_name(files: Path, s3: int) -> None:
    said = refusal(ServiceError, lambda: services.check_object_store(store(files, f"https://127.0.0.1:{s3}")))
    assert said.endswith("can't be read: InvalidCertificate: NotValidForNameContext.")
    redis_settings = redis(files, f"rediss://atlas@127.0.0.1:{s3}/0", ca="ca")
    assert "127.0.0.1" in refusal(ServiceError, lambda: services.check_redis(redis_settings))
    assert not S3.requests


def test_variables_for_amazon_s_tools_change_nothing(
    files: Path, s3: int, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = {
        "AWS_ENDPOINT_URL_S3": f"https://localhost:{closed_port}",
        "AWS_SESSION_TOKEN": "theirs",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_REQUEST_PAYER": "true",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    refusal(ServiceError, lambda: services.check_object_store(store(files, f"https://localhost:{s3}")))
    ((path, headers),) = S3.requests
    assert path.startswith("/ours-landing?")
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=atlas/")
    assert not {"x-amz-security-token", "x-amz-request-payer"} & headers.keys()
    # Other programs that Atlas starts still find them.
    assert {name: os.environ[name] for name in theirs} == theirs


class Marquez(BaseHTTPRequestHandler):
    """Asks for a key, and keeps what it was given; ``/old`` is somewhere else now."""

    given: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.given.append((self.path, self.headers["Authorization"]))
        if self.path.startswith("/old"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/old"))
        else:
            self.send_response(200 if self.headers["Authorization"] == f"Bearer {SECRET}" else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(name="marquez")
def fixture_marquez() -> Iterator[str]:
    Marquez.given.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Marquez) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_marquez_gets_the_key_that_it_asks_for(files: Path, marquez: str) -> None:
    assert services.check_lineage(LineageSettings(marquez, files / "secret")) == marquez
    assert Marquez.given == [("/api/v1/namespaces", f"Bearer {SECRET}")]
    assert "Unauthorized" in refusal(ServiceError, lambda: services.check_lineage(LineageSettings(marquez)))


def test_a_redirection_doesn_t_carry_marquez_s_key_away(files: Path, marquez: str) -> None:
    refusal(ServiceError, lambda: services.check_lineage(LineageSettings(f"{marquez}/old", files / "secret")))
    assert Marquez.given == [("/old/api/v1/namespaces", f"Bearer {SECRET}"), ("/api/v1/namespaces", None)]


@pytest.mark.parametrize("text", ["", "\n", f"{SECRET}\nHost: other", f"{SECRET} {SECRET}", f"{SECRET}ü"])
def test_a_file_without_an_api_key(files: Path, marquez: str, text: str) -> None:
    (files / "key").write_text(text, encoding="utf-8")
    said = refusal(UsageError, lambda: services.check_lineage(LineageSettings(marquez, files / "key")))
    assert said == f"ATLAS_OPENLINEAGE_API_KEY_FILE names {files / 'key'}, which holds no API key."
    assert not Marquez.given


def test_doctor_says_it_of_every_service(files: Path, closed_port: int, project: Path) -> None:
    settings = Settings(
        files / "home",
        f"postgresql://atlas@127.0.0.1:{closed_port}/atlas",
        None,
        project,
        redis(files, "rediss://atlas@localhost:port/0"),
        store(files, f"https://localhost:{closed_port}"),
        LineageSettings(f"http://localhost:{closed_port}"),
    )
    start = time.monotonic()
    findings = {finding.subject: finding for finding in examine(settings)}
    assert time.monotonic() - start < SOON_S
    for subject in ("Database", "Redis", "Object store", "Lineage"):
        assert not findings[subject].ok
        assert SECRET not in findings[subject].detail
