"""Connections to the services beside the database, over TLS that is checked."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import ssl
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from atlas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from obstore.store import ClientConfig, S3Store
    from redis import Redis

    from atlas.settings import LineageSettings, ObjectStoreSettings, RedisSettings

TIMEOUT_S = 10
RETRIES = 10
API_KEY_FILE = "ATLAS_OPENLINEAGE_API_KEY_FILE"
# Of the buckets, by purpose: those that Atlas's own key may list.
LISTED = ("landing", "archive", "docs")
# In the order of how much they say, in what obstore writes about a failure: S3's own code, then the causes.
S3_REASONS = (
    re.compile(r"<Code>(\w+)</Code>"),
    re.compile(r"(InvalidCertificate\(\s*\w+)"),
    re.compile(r'(?:message|error): "([^"]+)"'),
    re.compile(r"kind: (Timeout)"),
)


def connect_redis(settings: RedisSettings) -> Redis:
    """A client of Redis, which connects when it is first used; its errors are ``redis.RedisError``.

    Raises:
        UsageError: the settings name a file that can't be used, or no Redis.
    """
    from redis import Redis  # noqa: PLC0415 - 0.1 s that only these commands need

    password = _secret(settings.password_file, "ATLAS_REDIS_PASSWORD_FILE")
    tls = {}
    if settings.ca is not None and settings.url.startswith("rediss:"):
        tls["ssl_ca_data"] = _authority(settings.ca, "ATLAS_REDIS_CA")
    try:
        return Redis.from_url(
            settings.url, password=password, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, **tls
        )
    except ValueError as error:
        raise UsageError("ATLAS_REDIS_URL isn't of the form rediss://user@host:6379/0.") from error


def open_bucket(settings: ObjectStoreSettings, purpose: str, *, retries: int = RETRIES) -> S3Store:
    """A bucket by its purpose (landing, archive, backups, docs); its errors are ``obstore.exceptions.BaseError``.

    Args:
        settings: which service.
        purpose: of the bucket.
        retries: how often a request is sent again when the service doesn't answer or is busy.

    Raises:
        UsageError: the settings name a file that can't be used, or no S3 service.
    """
    from obstore.store import S3Store  # noqa: PLC0415

    _require_address(settings.url, "ATLAS_OBJECT_STORE_URL", ("https",), "https://s3.example.com")
    secret = _secret(settings.secret_key_file, "ATLAS_OBJECT_STORE_SECRET_KEY_FILE")
    client: ClientConfig = {"timeout": f"{TIMEOUT_S}s"}
    if settings.ca is not None:
        client["root_certificate"] = _authority(settings.ca, "ATLAS_OBJECT_STORE_CA")
    with _without_amazons_variables():
        return S3Store(
            settings.buckets[purpose],
            endpoint=settings.url,
            region=settings.region,
            access_key_id=settings.access_key,
            secret_access_key=secret or "",
            virtual_hosted_style_request=False,
            client_options=client,
            retry_config={"max_retries": retries},
        )


def check_redis(settings: RedisSettings) -> str:
    """Sign in to Redis; says what answered.

    Raises:
        ServiceError: it doesn't.
        UsageError: the settings are wrong.
    """
    from redis import RedisError  # noqa: PLC0415

    try:
        with connect_redis(settings) as client:
            version = client.info("server")["redis_version"]
    except (RedisError, OSError) as error:
        raise ServiceError(f"Redis of ATLAS_REDIS_URL can't be used: {str(error).rstrip('.')}.") from error
    return f"Redis {version}"


def check_object_store(settings: ObjectStoreSettings) -> str:
    """List each bucket that Atlas's own key may list; says which there are.

    Raises:
        ServiceError: the service doesn't answer, or one can't be read.
        UsageError: the settings are wrong.
    """
    import obstore  # noqa: PLC0415
    from obstore.exceptions import BaseError  # noqa: PLC0415

    for purpose in LISTED:
        try:
            next(iter(obstore.list(open_bucket(settings, purpose, retries=0), chunk_size=1)), None)
        except (BaseError, OSError) as error:
            raise ServiceError(
                f"Bucket {settings.buckets[purpose]} at {settings.url} can't be read: {_s3_reason(str(error))}."
            ) from error
    return f"{settings.url}, buckets {', '.join(settings.buckets.values())}"


def check_lineage(settings: LineageSettings) -> str:
    """Ask Marquez for its namespaces, with its API key if there is one; says that it answered.

    Raises:
        ServiceError: it doesn't. Nothing else fails because of that: events are kept.
        UsageError: the settings name no address, or a file that can't be used.
    """
    url = settings.url
    _require_address(url, "OPENLINEAGE_URL", ("http", "https"), "http://localhost:15000")
    request = urllib.request.Request(f"{url.rstrip('/')}/api/v1/namespaces")  # noqa: S310
    if (key := _secret(settings.api_key_file, API_KEY_FILE)) is not None:
        if not re.fullmatch(r"[!-~]+", key):
            raise UsageError(f"{API_KEY_FILE} names {settings.api_key_file}, which holds no API key.")
        # Where the answer is a redirection, the key stays here.
        request.add_unredirected_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
            return url
    except (OSError, http.client.HTTPException) as error:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        raise ServiceError(f"Marquez at {url} doesn't answer: {reason.strip().rstrip('.')}.") from error


def _require_address(url: str, variable: str, schemes: Collection[str], example: str) -> None:
    # A login in it is refused, too: the address shows in messages.
    try:
        parts = urlsplit(url)
        found = parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        found = False
    if not found or not url.isprintable() or " " in url:
        raise UsageError(f"{variable} isn't an address such as {example}, without a login.")


@contextlib.contextmanager
def _without_amazons_variables() -> Iterator[None]:
    """Hide ``AWS_*``, which obstore reads while it makes a store.

    Some win over what it is given: ``AWS_ENDPOINT_URL_S3`` would send Atlas's data to somebody else's service.
    """
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("AWS_")}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _s3_reason(text: str) -> str:
    for pattern in S3_REASONS:
        if (found := pattern.search(text)) is not None:
            return re.sub(r"\(\s*", ": ", found[1])
    return text.strip().splitlines()[0].rpartition(" - ")[2]


def _secret(path: Path | None, variable: str) -> str | None:
    return None if path is None else _read(path, variable).strip()


def _authority(path: Path, variable: str) -> str:
    text = _read(path, variable)
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(f"{variable} names {path}, which holds no certificate in PEM form.") from error
    return text


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{variable} names {path}, which can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{variable} names {path}, which isn't text.") from error
