"""The secrets that a stack needs, and when one is too weak to be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from atlas_infra.settings import (
    ContainerMarquez,
    ContainerObjectStore,
    ContainerPostgres,
    ContainerRedis,
    ExternalMarquez,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST = 20
SHORTEST_GIVEN = 12  # one that somebody else's service made up
LONGEST = 40  # of a secret key in MinIO
FEWEST_DISTINCT = 8
PLACEHOLDERS = ("changeme", "change-me", "change_me", "password", "passw0rd", "placeholder", "example", "secret")


class Secret(NamedTuple):
    """A secret in a stack's configuration.

    Attributes:
        key: its name there, without the namespace.
        meaning: what it opens.
        needed: whether a stack with these settings must have it.
        own: whether Atlas's own service takes it, so that it can be generated; else another service gave it.
        is_private_key: a PEM private key, and no password.
    """

    key: str
    meaning: str
    needed: Callable[[Settings], bool]
    own: Callable[[Settings], bool]
    is_private_key: bool = False


def _always(_: Settings) -> bool:
    return True


def _never(_: Settings) -> bool:
    return False


def _postgres(settings: Settings) -> bool:
    return isinstance(settings.postgres, ContainerPostgres)


def _redis(settings: Settings) -> bool:
    return isinstance(settings.redis, ContainerRedis)


def _object_store(settings: Settings) -> bool:
    return isinstance(settings.object_store, ContainerObjectStore)


def _marquez(settings: Settings) -> bool:
    return isinstance(settings.marquez, ContainerMarquez)


def _keyed_marquez(settings: Settings) -> bool:
    return isinstance(settings.marquez, ExternalMarquez) and settings.marquez.api_key


def _own_marquez_database(settings: Settings) -> bool:
    return isinstance(settings.marquez, ContainerMarquez) and settings.marquez.database is None


SECRETS = (
    Secret("postgresPassword", "password of Atlas's login in PostgreSQL", _always, _postgres),
    Secret("marquezDatabasePassword", "password of Marquez's login in PostgreSQL", _marquez, _own_marquez_database),
    Secret("marquezApiKey", "API key of a Marquez that is run elsewhere", _keyed_marquez, _never),
    Secret("redisPassword", "password of Atlas's user in Redis", _always, _redis),
    Secret("objectStoreRootPassword", "password of MinIO's root user", _object_store, _object_store),
    Secret("objectStoreSecretKey", "secret key of Atlas's user in the object store", _always, _object_store),
    Secret("objectStoreErasureSecretKey", "secret key that may bypass the archive's lock", _always, _object_store),
    Secret("objectStoreBackupSecretKey", "secret key that only writes backups", _object_store, _object_store),
    Secret("postgresTlsKey", "private key of PostgreSQL's certificate", _postgres, _postgres, True),  # noqa: FBT003
    Secret("redisTlsKey", "private key of Redis's certificate", _redis, _redis, True),  # noqa: FBT003
    Secret("objectStoreTlsKey", "private key of MinIO's", _object_store, _object_store, is_private_key=True),
)


def weakness(secret: Secret, value: str, settings: Settings) -> str | None:
    """Why a secret can't be used, to be read after its name; None if it can."""
    if secret.is_private_key:
        return None if "PRIVATE KEY-----" in value else "isn't a private key in PEM form."
    if any(not "!" <= character <= "~" for character in value):
        return "has white space or a character outside ASCII."
    if any(word in value.lower() for word in PLACEHOLDERS):
        return "looks like a placeholder. Take a random one."
    if secret.own(settings) and not SHORTEST <= len(value) <= LONGEST:
        return f"has to have {SHORTEST} to {LONGEST} characters."
    if len(value) < SHORTEST_GIVEN or len(set(value)) < FEWEST_DISTINCT:
        return "is too easy to guess. Take a longer, random one."
    return None
