"""Connections to the services beside the database, over TLS that is checked."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING

from atlas.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from obstore.store import ClientConfig, S3Store
    from redis import Redis

    from atlas.settings import ObjectStoreSettings, RedisSettings

TIMEOUT_S = 10


def connect_redis(settings: RedisSettings) -> Redis:
    """A client of Redis, which connects when it is first used; its errors are ``redis.RedisError``.

    Raises:
        UsageError: the settings name a file that isn't there, or no Redis.
    """
    from redis import Redis  # noqa: PLC0415 - 0.1 s that only these commands need

    tls = {"ssl_ca_certs": str(settings.ca)} if settings.ca is not None else {}
    try:
        return Redis.from_url(
            settings.url,
            password=_secret(settings.password_file, "ATLAS_REDIS_PASSWORD_FILE"),
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            **tls,
        )
    except ValueError as error:
        raise UsageError("ATLAS_REDIS_URL isn't of the form rediss://user@host:6379/0.") from error


def open_bucket(settings: ObjectStoreSettings, purpose: str) -> S3Store:
    """A bucket by its purpose (landing, archive, backups, docs); its errors are ``obstore.exceptions.BaseError``.

    Raises:
        UsageError: the settings name a file that isn't there.
    """
    from obstore.store import S3Store  # noqa: PLC0415

    options: ClientConfig = {"timeout": f"{TIMEOUT_S}s"}
    if settings.ca is not None:
        options["root_certificate"] = _read(settings.ca, "ATLAS_OBJECT_STORE_CA")
    return S3Store(
        settings.buckets[purpose],
        endpoint=settings.url,
        region=settings.region,
        access_key_id=settings.access_key,
        secret_access_key=_secret(settings.secret_key_file, "ATLAS_OBJECT_STORE_SECRET_KEY_FILE") or "",
        virtual_hosted_style_request=False,
        client_options=options,
    )


def check_redis(settings: RedisSettings) -> str:
    """Sign in to Redis; says what answered.

    Raises:
        ServiceError: it doesn't.
    """
    from redis import RedisError  # noqa: PLC0415

    try:
        with connect_redis(settings) as client:
            version = client.info("server")["redis_version"]
    except (RedisError, OSError) as error:
        raise ServiceError(f"Redis of ATLAS_REDIS_URL can't be used: {error}") from error
    return f"Redis {version}"


def check_object_store(settings: ObjectStoreSettings) -> str:
    """List each bucket; says which are there.

    Raises:
        ServiceError: the service doesn't answer, or one can't be read.
    """
    import obstore  # noqa: PLC0415
    from obstore.exceptions import BaseError  # noqa: PLC0415

    for purpose in ("landing", "archive", "docs"):
        try:
            next(iter(obstore.list(open_bucket(settings, purpose), chunk_size=1)), None)
        except (BaseError, OSError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ServiceError(
                f"Bucket {settings.buckets[purpose]} at {settings.url} can't be read: {reason}"
            ) from error
    return f"{settings.url}, buckets {', '.join(settings.buckets.values())}"


def check_lineage(url: str) -> str:
    """Ask Marquez for its namespaces; says that it answered.

    Raises:
        ServiceError: it doesn't. Nothing else fails because of that: events are kept.
    """
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/api/v1/namespaces", timeout=TIMEOUT_S):  # noqa: S310
            return url
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ServiceError(f"Marquez at {url} doesn't answer: {reason}") from error


def _secret(path: Path | None, variable: str) -> str | None:
    return None if path is None else _read(path, variable).strip()


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{variable} names {path}, which can't be read: {error.strerror}.") from error
