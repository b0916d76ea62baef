"""The collectors' HTTP client against a server that pages, limits, breaks off and redirects."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import service_server as server
from service_server import TOKEN, Reply, Request, Service, running, status

from atlas.collectors.clients import client_of
from atlas.collectors.http_client import HttpClient, Patience, Refused
from atlas.errors import AtlasError, ServiceError, UsageError
from atlas.settings import CollectedSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ITEMS = [{"number": number} for number in range(25)]
HALF_AN_HOUR = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)


def serve(request: Request) -> Reply:
    return {"/items": Reply(ITEMS), "/one": Reply({"x": 1}), "/old": Reply(None, 301, {"Location": "/one"})}.get(
        request.path, server.NOT_FOUND
    )


@pytest.fixture
def service() -> Iterator[Service]:
    with running(Service(serve)) as found:
        yield found


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(service: Service, waits: list[float]) -> Iterator[HttpClient]:
    with client_for(service, waits) as made:
        yield made


def client_for(service: Service, waits: list[float], **patience: Any) -> HttpClient:
    return HttpClient(
        service="Test",
        base_url=service.url,
        headers={"Authorization": f"Bearer {TOKEN}"},
        secrets=(TOKEN,),
        token_variable="ATLAS_TEST_TOKEN",
        patience=Patience(**{"timeout_s": 5, "attempts": 4, **patience}),
        sleep=waits.append,
    )


def test_pages_are_read_to_the_end_at_our_own_address(client: HttpClient, service: Service) -> None:
    pages = list(client.pages("/items", {"per_page": 10, "left_out": None}))
    assert [item for page in pages for item in page.value] == ITEMS
    assert [page.last_page for page in pages] == [3, 3, None]
    assert [request.query for request in service.requests] == [
        {"per_page": "10"},
        {"per_page": "10", "page": "2"},
        {"per_page": "10", "page": "3"},
    ]


FAULTS = {
    "500": status(500),
    "502": status(502),
    "503": status(503),
    "a proxy's 522": status(522),
    "half a body": server.half_a_body,
    "half a page": server.half_a_page,
    "a closed connection": server.closed_connection,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_may_pass_is_tried_again_with_growing_pauses(
    client: HttpClient, service: Service, waits: list[float], fault: server.Fault
) -> None:
    service.faults = {1: fault, 2: fault, 3: fault}
    assert client.get("/items").value == ITEMS
    assert len(service.requests) == 4
    for wait, bound in zip(waits, (1, 2, 4), strict=True):
        assert bound / 2 <= wait <= bound
    assert len(set(waits)) == 3


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_doesnt_pass_is_a_service_that_fails(client: HttpClient, service: Service, fault: server.Fault) -> None:
    service.faults = dict.fromkeys(range(1, 9), fault)
    with pytest.raises(ServiceError, match="Test failed 4 times in a row") as failure:
        client.get("/items")
    assert not isinstance(failure.value, Refused)
    assert len(service.requests) == 4


def test_nobody_answers(waits: list[float]) -> None:
    with running(Service(serve)) as gone:
        pass
    with client_for(gone, waits) as client, pytest.raises(ServiceError, match="no connection"):
        client.get("/items")
    assert len(waits) == 3


LIMITS: dict[str, tuple[server.Fault, float]] = {
    "429 with seconds": (status(429, Retry_After="17"), 17),
    "429 with a date": (status(429, Retry_After="Thu, 01 Jan 2026 00:00:40 GMT"), 40),
    "429 with nothing, as gitlab.com did": (status(429), 60),
    "403 of GitHub's first limit": (
        status(403, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(HALF_AN_HOUR.timestamp()))),
        1801,
    ),
    "403 of GitHub's second limit": (status(403, "You have exceeded a secondary rate limit."), 60),
    "403 of GitHub's second limit, stated": (status(403, "Slow down", Retry_After="30"), 30),
    "429 of GitLab": (
        status(429, RateLimit_Remaining="0", RateLimit_Reset=str(int(HALF_AN_HOUR.timestamp()))),
        1801,
    ),
    "429 of the drafts": (status(429, RateLimit_Remaining="0", RateLimit_Reset="12"), 13),
    "429 of Jira": (status(429, X_RateLimit_Remaining="0", X_RateLimit_Reset="2026-01-01T00:05Z"), 301),
    "503 with seconds": (status(503, Retry_After="9"), 9),
}


@pytest.mark.parametrize(("fault", "seconds"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is_waited_for_as_long_as_the_service_says(
    client: HttpClient, service: Service, waits: list[float], fault: server.Fault, seconds: float
) -> None:
    service.faults = {1: fault}
    assert client.get("/one").value == {"x": 1}
    assert waits == [pytest.approx(seconds, abs=1)]


def test_a_limit_without_an_end_is_waited_for_ever_longer(service: Service, waits: list[float]) -> None:
    service.faults = dict.fromkeys(range(1, 20), status(403, "You have exceeded a secondary rate limit."))
    with client_for(service, waits, longest_wait_s=600) as client, pytest.raises(ServiceError, match="--max-wait"):
        client.get("/one")
    assert waits == [60, 120, 240, 480]


def test_a_quota_that_is_used_up_is_not_overdrawn(service: Service, waits: list[float]) -> None:
    service.left = 2
    service.quota_headers = lambda left: {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(int(HALF_AN_HOUR.timestamp())),
    }
    with client_for(service, waits) as client:
        client.get("/one")
        assert client.quota is not None
        assert (client.quota.limit, client.quota.remaining, client.quota.resets_at) == (60, 1, HALF_AN_HOUR)
        client.get("/one")
        assert waits == []
        client.get("/one")
    assert waits == [pytest.approx(1801, abs=2)]


def test_a_limit_that_lasts_longer_than_allowed_is_left_for_later(service: Service, waits: list[float]) -> None:
    service.faults = {1: status(429, Retry_After="7200")}
    with (
        client_for(service, waits) as client,
        pytest.raises(ServiceError, match=r"until 20\d\d-.* UTC\. What has landed"),
    ):
        client.get("/one")
    assert waits == []


def test_what_has_not_changed_is_not_sent_again(client: HttpClient, service: Service) -> None:
    first = client.get("/one")
    again = client.get("/one", validator=first.validator)
    assert (again.is_unchanged, again.value) == (True, None)
    service.serve = lambda _request: Reply({"x": 2})
    assert client.get("/one", validator=again.validator).value == {"x": 2}


def test_without_an_etag_the_date_serves(client: HttpClient, service: Service) -> None:
    modified = "Wed, 31 Dec 2025 00:00:00 GMT"
    service.faults = {1: lambda handler, _reply: handler.send(Reply([], 200, {"Last-Modified": modified}))}
    client.get("/one", validator=client.get("/one").validator)
    assert service.requests[1].headers["if-modified-since"] == modified


def test_a_move_within_the_service_is_followed(client: HttpClient, service: Service) -> None:
    assert client.get("/old").value == {"x": 1}
    assert service.paths == ["/old", "/one"]


def test_a_token_does_not_follow_to_another_address(client: HttpClient, service: Service) -> None:
    service.faults = {1: server.elsewhere}
    with pytest.raises(Refused, match="which the token isn't for"):
        client.get("/one")


def test_a_move_in_circles_ends(client: HttpClient, service: Service) -> None:
    service.faults = dict.fromkeys(range(1, 9), server.in_circles)
    with pytest.raises(Refused, match="in circles"):
        client.get("/one")


REFUSALS: dict[str, tuple[server.Fault, str]] = {
    "401": (status(401, "Bad credentials"), "missing, wrong or expired. Set ATLAS_TEST_TOKEN anew"),
    "403": (status(403, f"Token {TOKEN} may not"), "refuses GET /one with status 403: Token … may not."),
    "404": (status(404, "Not Found"), "refuses GET /one with status 404: Not Found."),
}


@pytest.mark.parametrize(("fault", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_at_once_and_without_the_token(
    client: HttpClient, service: Service, waits: list[float], fault: server.Fault, words: str
) -> None:
    service.faults = {1: fault}
    with pytest.raises(Refused) as refusal:
        client.get("/one")
    assert words in str(refusal.value)
    assert TOKEN not in str(refusal.value)
    assert waits == []


def test_the_token_is_in_no_log_line_and_no_repr(
    client: HttpClient, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.faults = {2: server.half_a_body, 3: status(500)}
    client.get("/one")
    client.get("/items")
    assert service.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert caplog.records, "nothing was logged, so that nothing was shown"
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(client)


# Settings -----------------------------------------------------------------------------------------------------------


def settings(**github: Any) -> Settings:
    from pathlib import Path  # noqa: PLC0415

    return Settings(Path("/nonexistent"), None, None, None, github=CollectedSettings(**github))


WRONG: dict[str, Callable[[Path], dict[str, Any]]] = {
    "no address": lambda _: {"url": "github"},
    "another scheme": lambda _: {"url": "ftp://github.example.org"},
    "a bad port": lambda _: {"url": "https://github.example.org:x"},
    "unencrypted": lambda _: {"url": "http://github.example.org/api/v3"},
    "a password": lambda _: {"url": f"https://ann:{TOKEN}@github.example.org"},
    "a query": lambda _: {"url": f"https://github.example.org?token={TOKEN}"},
    "a line end": lambda _: {"token": f"{TOKEN}\n"},
    "two tokens": lambda path: {"token": TOKEN, "token_file": path},
    "no file": lambda path: {"token_file": path / "none"},
    "an empty file": lambda path: {"token_file": written(path / "token", b"\n")},
    "no text": lambda path: {"token_file": written(path / "token", b"\xff\xfe")},
}


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_refused_without_repeating_it(
    wrong: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="ATLAS_GITHUB_") as refusal:
        client_of("github", settings(**wrong(tmp_path)))
    assert TOKEN not in str(refusal.value)


def test_a_token_comes_from_its_file(service: Service, tmp_path: Path) -> None:
    path = written(tmp_path / "token", f"{TOKEN}\n".encode())
    found = settings(url=service.url + "/", token_file=path)
    with client_of("github", found) as client:
        client.get("/one")
    assert service.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in repr(found) + repr(client)


def test_jira_has_no_address_of_its_own() -> None:
    with pytest.raises(AtlasError, match="ATLAS_JIRA_URL isn't set"):
        client_of("jira", settings())
