"""A web service for the tests of collectors: real HTTP on a real port, with the faults that real services have.

What it serves is up to whoever makes one: a function from a request to a reply. In front of it stands what all services
do alike: pages with ``Link`` headers, ETags, rate limits, and faults that a test asks for.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

TOKEN = "ghp_Thirty6LettersThatNobodyMaySeeAnywhere"


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


@dataclass(frozen=True)
class Reply:
    """What is answered. A list is cut into pages by ``per_page`` and ``page``."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Reply({"message": "Not Found", "documentation_url": "https://docs.example.org"}, 404)


def is_below(path: str, roots: Iterable[str]) -> bool:
    """Whether a path is one of others, or below one."""
    return any(f"{path}/".startswith(f"{root}/") for root in roots)


# A fault: given the reply that would be sent, sends something else.
Fault = Callable[["Handler", Reply], None]


@dataclass
class Service:
    """A running service.

    Attributes:
        serve: answers requests.
        base: path at which the API begins.
        token: what must be in the Authorization header; None lets anybody in.
        now: the service's clock.
        requests: all that came, in order.
        faults: by number of the request, from 1, what goes wrong with it.
        before: called with the number of each request, before it is served: where things change meanwhile.
        limit: requests that are left; None for no limit. Refused requests count as well.
        quota_headers: how the rest of the limit is told.
        largest_page: however much is asked for, a page holds no more. Smaller than any service's, so that few items
            make several pages.
    """

    serve: Callable[[Request], Reply]
    base: str = ""
    token: str | None = TOKEN
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    requests: list[Request] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    before: Callable[[int], None] = lambda _number: None
    left: int | None = None
    quota_headers: Callable[[int], Mapping[str, str]] = lambda _left: {}
    largest_page: int = 25
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, without the API's beginning."""
        return [request.path for request in self.requests]

    def forget(self) -> None:
        """Count requests anew."""
        self.requests.clear()
        self.faults.clear()


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """Serve on a free port of this machine, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"service": service}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}{service.base}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # Headers and body are two writes; the second would wait for the first to be acknowledged.
    disable_nagle_algorithm = True
    service: Service

    def do_GET(self) -> None:
        """Answer."""
        service = self.service
        size = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(size)) if size else None
        parts = urlsplit(self.path)
        path = unquote(parts.path, errors="strict")
        raw_path = parts.path.removeprefix(service.base)
        request = Request(
            self.command, raw_path, dict(parse_qsl(parts.query)), {k.lower(): v for k, v in self.headers.items()}, body
        )
        with service.lock:
            service.requests.append(request)
            number = len(service.requests)
            service.before(number)
            reply = self._reply(request) if path.startswith(service.base) else NOT_FOUND
            fault = service.faults.pop(number, None)
        if fault is None:
            self.send(reply)
        else:
            fault(self, reply)

    do_POST = do_GET  # noqa: N815 - the base class calls it so

    def _reply(self, request: Request) -> Reply:
        service = self.service
        told: Mapping[str, str] = {}
        if service.left is not None:
            service.left = max(0, service.left - 1)
            told = service.quota_headers(service.left)
        if service.token is not None and service.token not in request.headers.get("authorization", ""):
            return Reply({"message": "Bad credentials"}, 401, told)
        reply = service.serve(request)
        if reply.status == 200 and isinstance(reply.value, list):
            reply = self._paged(request, reply)
        etag = f'W/"{hashlib.sha256(json.dumps(reply.value).encode()).hexdigest()}"'
        if reply.status == 200 and request.headers.get("if-none-match") == etag:
            reply = Reply(None, 304)
        return Reply(reply.value, reply.status, {"ETag": etag, **told, **reply.headers})

    def _paged(self, request: Request, reply: Reply) -> Reply:
        size = min(self.service.largest_page, int(request.query.get("per_page", 30)))
        page = int(request.query.get("page", 1))
        last = max(1, -(-len(reply.value) // size))
        links = []
        for name, number in (("next", page + 1), ("last", last)):
            if page < last:
                query = urlencode({**request.query, "page": number})
                # As GitHub does, by the name of another host: a proxy stands in between.
                links.append(f'<https://api.example.org{self.service.base}{request.path}?{query}>; rel="{name}"')
        headers = {**reply.headers, **({"Link": ", ".join(links)} if links else {})}
        return Reply(reply.value[(page - 1) * size : page * size], 200, headers)

    def send(self, reply: Reply, *, cut: int | None = None, keep_length: bool = False) -> None:
        """Send a reply: the first ``cut`` bytes of its body, and as many announced unless ``keep_length``."""
        body = b"" if reply.value is None else json.dumps(reply.value).encode()
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(self.service.now, usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        whole = len(body)
        if cut is not None:
            body = body[:cut]
        self.send_header("Content-Length", str(whole if keep_length else len(body)))
        self.end_headers()
        self.wfile.write(body)
        if keep_length:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


# Faults -------------------------------------------------------------------------------------------------------------


def status(code: int, message: str = "", **headers: str) -> Fault:
    """Another status instead."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, _reply: handler.send(Reply({"message": message}, code, named))


def half_a_body(handler: Handler, reply: Reply) -> None:
    """More is announced than comes."""
    handler.send(reply, cut=len(json.dumps(reply.value)) // 2, keep_length=True)


def half_a_page(handler: Handler, reply: Reply) -> None:
    """JSON that ends too early, in a response that doesn't."""
    handler.send(reply, cut=len(json.dumps(reply.value)) // 2)


def closed_connection(handler: Handler, _reply: Reply) -> None:
    """No answer at all."""
    handler.close_connection = True


def elsewhere(handler: Handler, _reply: Reply) -> None:
    """Go and ask somebody else, with your token."""
    handler.send(Reply(None, 302, {"Location": "https://collector.example.net/steal"}))


def in_circles(handler: Handler, _reply: Reply) -> None:
    """Come back to where you are."""
    handler.send(Reply(None, 302, {"Location": handler.path}))
