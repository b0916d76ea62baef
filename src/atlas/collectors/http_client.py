"""The one HTTP client of the collectors: JSON in pages, limits honoured, failures tried again, tokens kept to itself.

What it promises:

- A token goes to the service's own address and nowhere else: redirects to another origin aren't followed, and of a
  link to the next page only path and query are taken. It stands in no message, no log line and no ``repr``.
- A response is whole or it doesn't count: a connection that breaks in the middle, a body that is shorter than announced
  and JSON that ends too early are tried again, as are 5xx and timeouts, with growing random pauses.
- A refusal for having asked too much (429, GitHub's 403) is waited for as long as the service says.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from atlas import __version__
from atlas.collectors.http_limits import Quota, read_pause, read_quota, service_time
from atlas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType
    from typing import Self

    from atlas.collectors.http_limits import Pause

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
# 520 to 529 are what the proxies before these services say of them.
TRANSIENT = frozenset({408, 425, 500, 502, 503, 504, *range(520, 530)})
LONGEST_COMPLAINT = 200


@dataclass(frozen=True)
class Patience:
    """How long to go on trying.

    Attributes:
        timeout_s: for connecting, and for each piece of a response.
        attempts: how often a request is sent before it counts as failed.
        first_pause_s: before the second attempt, at most; it doubles with each.
        longest_pause_s: between two attempts.
        longest_wait_s: for a limit to be lifted; a service that wants more is left alone until the next collection.
    """

    timeout_s: float = 30.0
    attempts: int = 6
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    longest_wait_s: float = 3900.0


@dataclass(frozen=True)
class Answer:
    """A whole response.

    Attributes:
        value: the decoded JSON; None if nothing has changed.
        next: path and query of the next page; None on the last.
        last_page: number of the last page, where the service says so.
        is_unchanged: whether the service says that it is as it was when ``validator`` was given (304).
        validator: request headers with which to ask again whether it has changed; empty where there are none.
        at: the service's clock.
    """

    value: Any
    next: str | None
    last_page: int | None
    is_unchanged: bool
    validator: Mapping[str, str]
    at: datetime


class Refused(ServiceError):
    """The service answered, and the answer is no.

    Attributes:
        status: the HTTP status, such as 404.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class _TryAgain(Exception):
    """An attempt failed in a way that may pass; its text says how."""


@dataclass
class HttpClient:
    """A connection to one service; to be used in a ``with`` block.

    Attributes:
        service: its name, for messages.
        base_url: where its API begins, without a slash at the end.
        headers: sent with each request; they may hold the token.
        secrets: texts that no message may repeat.
        token_variable: the setting that holds the token, for messages.
        patience: how long to go on trying.
        sleep: how to wait, in seconds.
        report: told why when a wait begins.
        requests: how many were sent so far.
        quota: what may still be asked, by the last response that told.
    """

    service: str
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    token_variable: str
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], None] = time.sleep
    report: Callable[[str], None] = field(default=lambda _sentence: None, repr=False)
    requests: int = 0
    quota: Quota | None = None
    _client: httpx.Client = field(init=False, repr=False)
    _base: httpx.URL = field(init=False, repr=False)
    _service_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False, repr=False)
    _heard_at: float = field(default=0.0, init=False, repr=False)

    def __enter__(self) -> Self:
        self._base = httpx.URL(self.base_url)
        self._client = httpx.Client(
            headers={"User-Agent": f"atlas/{__version__}", **self.headers},
            timeout=self.patience.timeout_s,
            follow_redirects=False,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def pages(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[Answer]:
        """Each page of a list, by the ``Link`` headers, as they are read.

        Raises:
            Refused, ServiceError: as ``get`` does.
        """
        answer = self.get(path, query)
        yield answer
        while answer.next is not None:
            answer = self.get(answer.next)
            yield answer

    def get(
        self, path: str, query: Mapping[str, Any] | None = None, *, validator: Mapping[str, str] | None = None
    ) -> Answer:
        """Read one resource.

        Args:
            path: below ``base_url``, or a path with its query as ``Answer.next`` gives it.
            query: parameters; those that are None are left out.
            validator: as an earlier ``Answer`` gave it.

        Raises:
            Refused: the service says no, with a status that won't pass.
            ServiceError: it can't be reached, fails again and again, or wants us to wait for too long.
        """
        return self._persist(lambda: self._attempt("GET", self._url(path, query), None, validator or {}))

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Ask a question that doesn't fit into an address; changes nothing, so that it may be asked again.

        Raises:
            Refused, ServiceError: as ``get`` does.
        """
        return self._persist(lambda: self._attempt("POST", self._url(path, None), msgspec.json.encode(body), {}))

    def _url(self, path: str, query: Mapping[str, Any] | None) -> httpx.URL:
        """The address; a path from the root is one that the service gave us."""
        if path.startswith("//root/"):
            return self._base.copy_with(raw_path=path.removeprefix("//root").encode("ascii"))
        url = httpx.URL(f"{self.base_url}{path}")
        kept = {name: value for name, value in (query or {}).items() if value is not None}
        return url.copy_merge_params(kept) if kept else url

    def _persist(self, attempt: Callable[[], Answer | Pause]) -> Answer:
        """Try until there is an answer."""
        failures = refusals = 0
        while True:
            self._wait_for_quota()
            try:
                outcome = attempt()
            except _TryAgain as failure:
                failures += 1
                if failures >= self.patience.attempts:
                    raise ServiceError(
                        f"{self.service} failed {failures} times in a row, at last with: {failure}. What has landed is "
                        "kept; collect again to go on from there."
                    ) from None
                self.report(f"{self.service}: {failure}; trying again")
                bound = min(self.patience.longest_pause_s, self.patience.first_pause_s * 2 ** (failures - 1))
                self.sleep(random.uniform(bound / 2, bound))  # noqa: S311 - nothing secret
                continue
            if isinstance(outcome, Answer):
                return outcome
            refusals += 1
            growth = 1 if outcome.is_stated else 2 ** (refusals - 1)
            self._wait(outcome.seconds * growth, f"{self.service} asks to wait")
            if outcome.is_stated and refusals > self.patience.attempts:
                raise ServiceError(
                    f"{self.service} refused {refusals} times for having been asked too much, and kept to none of the "
                    "times that it named. What has landed is kept; collect again later."
                )

    def _wait_for_quota(self) -> None:
        """Ask nothing that is known to be refused."""
        if self.quota is not None and self.quota.remaining == 0 and self.quota.resets_at is not None:
            seconds = (self.quota.resets_at - self._now()).total_seconds() + 1
            if seconds > 0:
                self._wait(seconds, f"The rate limit of {self.service} is used up")

    def _wait(self, seconds: float, why: str) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        if seconds > self.patience.longest_wait_s:
            raise ServiceError(
                f"{why}, until {until:%Y-%m-%d %H:%M} UTC. What has landed is kept; collect again after that, or allow "
                "for a longer wait: --max-wait."
            )
        self.report(f"{why}, until {until:%H:%M:%S} UTC")
        self.sleep(seconds)
        # What was known of the rest is over; the next answer tells anew.
        self.quota = None

    def _now(self) -> datetime:
        return self._service_at + timedelta(seconds=time.monotonic() - self._heard_at)

    def _attempt(self, method: str, url: httpx.URL, body: bytes | None, validator: Mapping[str, str]) -> Answer | Pause:
        """One attempt, redirects followed: an answer, or how long to wait before the next."""
        headers = dict(validator) | ({} if body is None else {"Content-Type": "application/json"})
        for _ in range(MOST_REDIRECTS + 1):
            response = self._send(method, url, body, headers)
            if response.status_code not in REDIRECTS:
                break
            url = self._redirected(url, response)
        else:
            raise Refused(f"{self.service} redirects {_shown(url)} in circles.", response.status_code)
        status = response.status_code
        if status == 304:
            return Answer(
                value=None,
                next=None,
                last_page=None,
                is_unchanged=True,
                validator=validator,
                at=service_time(response.headers),
            )
        if status == 200:
            return self._answer(url, response)
        pause = read_pause(status, response.headers, response.text)
        if pause is not None:
            return pause
        if status in TRANSIENT:
            raise _TryAgain(f"status {status}")
        raise Refused(self._refusal(method, url, response), status)

    def _send(self, method: str, url: httpx.URL, body: bytes | None, headers: Mapping[str, str]) -> httpx.Response:
        self.requests += 1
        try:
            response = self._client.request(method, url, content=body, headers=headers)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _TryAgain(self._redacted(_words(error))) from None
        self._service_at, self._heard_at = service_time(response.headers), time.monotonic()
        self.quota = read_quota(response.headers) or self.quota
        return response

    def _answer(self, url: httpx.URL, response: httpx.Response) -> Answer:
        try:
            value = msgspec.json.decode(response.content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise _TryAgain("a page that isn't whole") from None
        validator: dict[str, str] = {}
        if etag := response.headers.get("etag"):
            validator = {"If-None-Match": etag}
        elif modified := response.headers.get("last-modified"):
            validator = {"If-Modified-Since": modified}
        links = response.links
        return Answer(
            value=value,
            next=_rooted(url, links["next"]["url"]) if "url" in links.get("next", {}) else None,
            last_page=_page_number(links.get("last", {}).get("url")),
            is_unchanged=False,
            validator=validator,
            at=service_time(response.headers),
        )

    def _redirected(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        target = url.join(response.headers.get("location", ""))
        if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
            raise Refused(
                f"{self.service} redirects {_shown(url)} to another address ({target.scheme}://{target.host}), which "
                "the token isn't for. If the service has moved, change its address in the settings.",
                response.status_code,
            )
        return target

    def _refusal(self, method: str, url: httpx.URL, response: httpx.Response) -> str:
        if response.status_code == 401:
            return (
                f"{self.service} doesn't take the token: it is missing, wrong or expired. Set {self.token_variable} "
                "anew. What has landed is kept; collect again to go on from there."
            )
        said = self._redacted(" ".join(_message(response).split()))[:LONGEST_COMPLAINT]
        words = f": {said}" if said else ""
        return f"{self.service} refuses {method} {_shown(url)} with status {response.status_code}{words}."

    def _redacted(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return text


def _rooted(url: httpx.URL, link: str) -> str:
    """A link's path and query, marked as counting from the root; whatever host it names, ours is asked."""
    return "//root" + url.join(link).raw_path.decode("ascii")


def _shown(url: httpx.URL) -> str:
    return url.path


def _page_number(link: str | None) -> int | None:
    text = "" if link is None else httpx.URL(link).params.get("page", "")
    return int(text) if text.isdecimal() else None


def _message(response: httpx.Response) -> str:
    """What the service says of a refusal: GitHub and GitLab say ``message``, Jira ``errorMessages``."""
    try:
        said = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    found = said.get("message") or said.get("errorMessages") or said.get("error") or ""
    return "; ".join(map(str, found)) if isinstance(found, list) else str(found)


def _words(error: httpx.TransportError | httpx.DecodingError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return f"no connection ({error})"
    if isinstance(error, httpx.DecodingError):
        return "a page that isn't whole"
    return f"a broken connection ({error})"
