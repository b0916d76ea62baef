"""The contract of names between the stack and everything that uses it.

`atlas env --stack` and the tests read this table; ``exports`` gives exactly it. Where a service has two addresses,
``internal_*`` is for other containers and the plain name for clients. Nothing is ever absent: what doesn't apply is
``""``, since Pulumi drops exports that are ``None``. No output joins a secret with anything else, or the whole would be
a secret, its host and port too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pulumi

    from atlas_infra.components.marquez import Marquez
    from atlas_infra.components.object_store import ObjectStore
    from atlas_infra.components.postgres import Postgres
    from atlas_infra.components.redis import Redis


class StackOutput(NamedTuple):
    """One name that every stack exports.

    Attributes:
        name: of the export.
        type: ``str`` or ``int``.
        meaning: what it is, for whoever reads ``pulumi stack output``.
        secret: whether Pulumi must keep it encrypted.
    """

    name: str
    type: type[str] | type[int]
    meaning: str
    secret: bool = False


OUTPUTS = (
    StackOutput("postgres_host", str, "PostgreSQL's host, for clients"),
    StackOutput("postgres_port", int, "PostgreSQL's port, for clients"),
    StackOutput("postgres_internal_host", str, "PostgreSQL's host, for containers"),
    StackOutput("postgres_internal_port", int, "PostgreSQL's port, for containers"),
    StackOutput("postgres_database", str, "Atlas's database"),
    StackOutput("postgres_user", str, "Atlas's login, owner of its database"),
    StackOutput("postgres_password", str, "its password", secret=True),
    StackOutput("postgres_sslmode", str, "libpq's sslmode"),
    StackOutput("postgres_ca", str, "PEM of the authority that signed the server's certificate; empty: the system's"),
    StackOutput("redis_host", str, "Redis's host, for clients"),
    StackOutput("redis_port", int, "Redis's port, for clients"),
    StackOutput("redis_internal_host", str, "Redis's host, for containers"),
    StackOutput("redis_internal_port", int, "Redis's port, for containers"),
    StackOutput("redis_scheme", str, "rediss with TLS, redis without"),
    StackOutput("redis_user", str, "Atlas's user in Redis"),
    StackOutput("redis_password", str, "its password", secret=True),
    StackOutput("redis_ca", str, "PEM of the authority that signed Redis's certificate; empty: the system's"),
    StackOutput("object_store_endpoint", str, "the S3 service's address, for clients"),
    StackOutput("object_store_internal_endpoint", str, "the S3 service's address, for containers"),
    StackOutput("object_store_region", str, "its region"),
    StackOutput("object_store_access_key", str, "Atlas's access key"),
    StackOutput("object_store_secret_key", str, "its secret key", secret=True),
    StackOutput("object_store_erasure_access_key", str, "access key that may bypass the archive's lock"),
    StackOutput("object_store_erasure_secret_key", str, "its secret key", secret=True),
    StackOutput("object_store_ca", str, "PEM of the authority that signed its certificate; empty: the system's"),
    StackOutput("object_store_bucket_landing", str, "bucket of files to land"),
    StackOutput("object_store_bucket_archive", str, "bucket of archived rows, under object lock"),
    StackOutput("object_store_bucket_backups", str, "bucket of backups"),
    StackOutput("object_store_bucket_docs", str, "bucket of published documentation"),
    StackOutput("marquez_endpoint", str, "address of Marquez's API, for clients"),
    StackOutput("marquez_internal_endpoint", str, "address of Marquez's API, for containers"),
    StackOutput("marquez_api_key", str, "its API key; empty where it asks for none", secret=True),
    StackOutput("marquez_web", str, "address of Marquez's web page; empty where there is none"),
)


def exports(
    postgres: Postgres, redis: Redis, object_store: ObjectStore, marquez: Marquez
) -> dict[str, pulumi.Output[str] | pulumi.Output[int]]:
    """What the stack exports, by the contract's names."""
    return {
        "postgres_host": postgres.host,
        "postgres_port": postgres.port,
        "postgres_internal_host": postgres.internal_host,
        "postgres_internal_port": postgres.internal_port,
        "postgres_database": postgres.database,
        "postgres_user": postgres.user,
        "postgres_password": postgres.password,
        "postgres_sslmode": postgres.sslmode,
        "postgres_ca": postgres.ca,
        "redis_host": redis.host,
        "redis_port": redis.port,
        "redis_internal_host": redis.internal_host,
        "redis_internal_port": redis.internal_port,
        "redis_scheme": redis.scheme,
        "redis_user": redis.user,
        "redis_password": redis.password,
        "redis_ca": redis.ca,
        "object_store_endpoint": object_store.endpoint,
        "object_store_internal_endpoint": object_store.internal_endpoint,
        "object_store_region": object_store.region,
        "object_store_access_key": object_store.access_key,
        "object_store_secret_key": object_store.secret_key,
        "object_store_erasure_access_key": object_store.erasure_access_key,
        "object_store_erasure_secret_key": object_store.erasure_secret_key,
        "object_store_ca": object_store.ca,
        "object_store_bucket_landing": object_store.bucket_landing,
        "object_store_bucket_archive": object_store.bucket_archive,
        "object_store_bucket_backups": object_store.bucket_backups,
        "object_store_bucket_docs": object_store.bucket_docs,
        "marquez_endpoint": marquez.endpoint,
        "marquez_internal_endpoint": marquez.internal_endpoint,
        "marquez_api_key": marquez.api_key,
        "marquez_web": marquez.web,
    }
