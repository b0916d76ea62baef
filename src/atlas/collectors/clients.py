"""Clients of the services, as the settings say: where they are, and with which token."""

from __future__ import annotations

import base64
import ipaddress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from atlas.collectors import github_reading
from atlas.collectors.http_client import HttpClient, Patience
from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from atlas.settings import CollectedSettings, Settings


class Service(NamedTuple):
    """What there is to know of a service before it is asked.

    Attributes:
        name: for people.
        url: where its API begins; None where every customer has an address of their own.
        headers: sent with each request.
    """

    name: str
    url: str | None
    headers: Mapping[str, str]


SERVICES = {
    "github": Service("GitHub", "https://api.github.com", github_reading.HEADERS),
    "gitlab": Service("GitLab", "https://gitlab.com/api/v4", {"Accept": "application/json"}),
    "jira": Service("Jira", None, {"Accept": "application/json"}),
}


def client_of(
    system: str,
    settings: Settings,
    *,
    patience: Patience | None = None,
    report: Callable[[str], None] | None = None,
) -> HttpClient:
    """A client of ``github``, ``gitlab`` or ``jira``, to be used in a ``with`` block.

    Raises:
        UsageError: a setting is missing or wrong; its text repeats no secret.
    """
    service = SERVICES[system]
    found: CollectedSettings = getattr(settings, system)
    prefix = f"ATLAS_{system.upper()}"
    url = (found.url or service.url or "").rstrip("/")
    if not url:
        raise UsageError(f"{prefix}_URL isn't set: it says where {service.name} is, such as https://jira.example.org.")
    _check_address(url, f"{prefix}_URL")
    token = _token(found, prefix)
    headers, secrets = dict(service.headers), []
    if token is not None:
        secrets.append(token)
        if found.user is not None:
            pair = base64.b64encode(f"{found.user}:{token}".encode()).decode()
            secrets.append(pair)
            headers["Authorization"] = f"Basic {pair}"
        else:
            headers["Authorization"] = f"Bearer {token}"
    return HttpClient(
        service=service.name,
        base_url=url,
        headers=headers,
        secrets=tuple(secrets),
        token_variable=f"{prefix}_TOKEN",
        patience=patience or Patience(),
        report=report or (lambda _sentence: None),
    )


def _token(settings: CollectedSettings, prefix: str) -> str | None:
    token = settings.token
    if settings.token_file is not None:
        if token is not None:
            raise UsageError(f"{prefix}_TOKEN and {prefix}_TOKEN_FILE are both set. Which is it?")
        try:
            token = settings.token_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UsageError(
                f"{prefix}_TOKEN_FILE names {settings.token_file}, which can't be read: {error.strerror}."
            ) from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{prefix}_TOKEN_FILE names {settings.token_file}, which isn't text.") from error
        if not token:
            raise UsageError(f"{prefix}_TOKEN_FILE names {settings.token_file}, which is empty.")
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError(f"The token of {prefix}_TOKEN holds a blank, a line end or another character that none has.")
    return token


def _check_address(url: str, variable: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{variable} isn't an address such as https://host/path.") from error
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise UsageError(f"{variable} isn't an address such as https://host/path.")
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{variable} holds a user or a password; those have settings of their own.")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise UsageError(f"{variable} begins with http, so that the token would go unencrypted to {host}.")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
