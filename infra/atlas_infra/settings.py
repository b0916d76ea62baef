"""A stack's settings, with their types, limits and defaults. ``checks.load`` reads and checks them.

Each service is a ``container`` or ``external`` (run elsewhere), told apart by ``mode``. In a stack's file names are
written in camelCase: ``atlas:objectStore: {retentionDays: 90}``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct


def _text(pattern: str, form: str, *, private: bool = False) -> Meta:
    # What it has to look like, in words; whether a refusal may not repeat what was given.
    return Meta(pattern=pattern, extra={"form": form, "private": private})


Port = Annotated[int, Meta(ge=1, le=65535)]
# A container's own user may not open the ports below, and Docker's may be somebody else's.
PublishedPort = Annotated[int, Meta(ge=1024, le=65535)]
MIB = {"unit": "MiB"}
Mebibytes = Annotated[int, Meta(ge=64, le=1_048_576, extra=MIB)]
Cpus = Annotated[float, Meta(ge=0.1, le=256, extra={"unit": "cores"})]
HOST = r"^(?=.{1,253}\Z)([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f.]*(:[0-9A-Fa-f.]*){2,})\Z"
Host = Annotated[str, _text(HOST, "a host's name or address, without port")]
Bind = Annotated[str, _text(HOST, "an IP address of the Docker host such as 127.0.0.1, without port")]
SqlName = Annotated[str, _text(r"^[a-z_][a-z0-9_]{0,62}\Z", "a lower-case SQL name")]
Bucket = Annotated[
    str, _text(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z", "a bucket's name: 3 to 63 of a-z, 0-9, hyphen and dot")
]
Region = Annotated[str, _text(r"^[a-z0-9-]{1,40}\Z", "a region such as eu-central-1")]
HttpsUrl = Annotated[str, _text(r"^https://[A-Za-z0-9.:-]+/?\Z", "an address such as https://s3.example.com")]
HttpUrl = Annotated[str, _text(r"^https?://[A-Za-z0-9.:-]+/?\Z", "an address such as http://marquez.example.com:5000")]
WebAddress = Annotated[str, _text(r"^(|https?://\S+)\Z", "an address such as https://marquez.example.com")]
RedisUser = Annotated[str, _text(r"^[A-Za-z0-9_-]{1,64}\Z", "a user's name of letters, digits, _ and -")]
# What `latest` means changes under one's feet.
Reference = Annotated[
    str,
    _text(
        r"^(?!.*:latest\Z)[a-z0-9][a-z0-9._:/-]*(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})\Z",
        "an image with a tag other than latest, or with a digest (redis:8.0.3, redis@sha256:…)",
    ),
]
Directory = Annotated[str, _text(r"^[^\x00-\x1f]{1,200}\Z", "a directory with a Dockerfile, such as images/postgres")]
EngineAddress = Annotated[str, _text(r"^(unix|npipe|tcp|ssh)://\S+\Z", "an engine's address such as ssh://ops@data1")]
# Who gives a path or a private key by mistake wants neither shown.
Pem = Annotated[
    str,
    _text(
        r"^(|\s*-----BEGIN CERTIFICATE-----[\s\S]*)\Z",
        "a certificate in PEM form (the text of its file, from -----BEGIN CERTIFICATE----- on)",
        private=True,
    ),
]


class _Struct(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    pass


class Image(_Struct, frozen=True):
    """Where a container's image comes from: exactly one of the two.

    Attributes:
        ref: an image by name and tag or digest. One that the Docker engine already has isn't pulled.
        build: a directory with a Dockerfile, relative to ``infra/``, that the engine builds.
        args: build arguments, for example ``GOPROXY``. They are no place for secrets: an image keeps them.
    """

    ref: Reference | None = None
    build: Directory | None = None
    args: dict[str, str] = {}


class Container(_Struct, frozen=True, kw_only=True):
    """What every service that runs in a container has.

    Attributes:
        image: of the container.
        bind: the host's address that the port is published on.
        port: the port on ``bind``.
        memory: limit in MiB; the service's own caches are sized from it.
        cpus: limit in cores.
    """

    image: Image
    bind: Bind = "127.0.0.1"
    port: PublishedPort
    memory: Mebibytes = 512
    cpus: Cpus = 1.0


class ContainerPostgres(Container, frozen=True, tag_field="mode", tag="container", kw_only=True):
    """PostgreSQL in a container.

    Attributes:
        max_connections: of the server; memory is shared out among them.
    """

    image: Image = Image(build="images/postgres")
    port: PublishedPort = 15432
    memory: Annotated[int, Meta(ge=256, le=1_048_576, extra=MIB)] = 1024
    max_connections: Annotated[int, Meta(ge=20, le=1000)] = 100


class ExternalPostgres(_Struct, frozen=True, tag_field="mode", tag="external", kw_only=True):
    """A PostgreSQL that is run elsewhere; Atlas is told of it and makes nothing.

    Attributes:
        host, port: the address for clients.
        internal_host, internal_port: for containers, where it differs.
        database, user: what Atlas signs in to and as; the user owns the database or may create schemas and roles in it.
        tls: libpq's sslmode.
        ca: PEM of the authority that signed the server's certificate; empty for the system's authorities.
    """

    host: Host
    port: Port = 5432
    internal_host: Host | None = None
    internal_port: Port | None = None
    database: SqlName = "atlas"
    user: SqlName = "atlas"
    tls: Literal["verify-full", "verify-ca", "require"] = "verify-full"
    ca: Pem = ""


class ContainerRedis(Container, frozen=True, tag_field="mode", tag="container", kw_only=True):
    """Redis in a container, persistent by its append-only file.

    Attributes:
        policy: what Redis does when its cache is full; ``noeviction`` loses no event.
    """

    image: Image = Image(ref="redis:8.0.3")
    port: PublishedPort = 16379
    memory: Mebibytes = 256
    policy: Literal["noeviction", "allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-lfu", "volatile-ttl"] = (
        "noeviction"
    )


class ExternalRedis(_Struct, frozen=True, tag_field="mode", tag="external", kw_only=True):
    """A Redis that is run elsewhere.

    Attributes:
        tls: whether it speaks TLS; without it only a host on this machine is accepted.
        ca: PEM of its certificate's authority; empty for the system's authorities.
    """

    host: Host
    port: Port = 6379
    internal_host: Host | None = None
    internal_port: Port | None = None
    user: RedisUser = "default"
    tls: bool = True
    ca: Pem = ""


class Buckets(_Struct, frozen=True):
    """Names of the four buckets; S3 names are global where the service is public, so they can be chosen."""

    landing: Bucket = "landing"
    archive: Bucket = "archive"
    backups: Bucket = "backups"
    docs: Bucket = "docs"


class ContainerObjectStore(Container, frozen=True, tag_field="mode", tag="container", kw_only=True):
    """MinIO in a container.

    Attributes:
        retention_days: how long the archive's object lock holds; in governance mode, so lawful erasure may bypass it.
    """

    image: Image = Image(build="images/minio")
    port: PublishedPort = 19000
    memory: Annotated[int, Meta(ge=512, le=1_048_576, extra=MIB)] = 1024
    region: Region = "us-east-1"
    retention_days: Annotated[int, Meta(ge=1, le=36_500, extra={"unit": "days"})] = 30


class ExternalObjectStore(_Struct, frozen=True, tag_field="mode", tag="external", kw_only=True):
    """Any S3 service. Its buckets, versioning and object lock are its owner's to set up (see the guide).

    Attributes:
        endpoint: ``https://host[:port]`` for clients.
        internal_endpoint: for containers, where it differs.
        access_key, erasure_access_key: the two credentials' names; their secrets are config secrets.
    """

    endpoint: HttpsUrl
    internal_endpoint: HttpsUrl | None = None
    region: Region = "us-east-1"
    access_key: Annotated[str, Meta(min_length=3, max_length=128)]
    erasure_access_key: Annotated[str, Meta(min_length=3, max_length=128)]
    buckets: Buckets = Buckets()
    ca: Pem = ""


class MarquezDatabase(_Struct, frozen=True, kw_only=True):
    """A database for Marquez on a PostgreSQL that is run elsewhere."""

    host: Host
    port: Port = 5432
    database: SqlName = "marquez"
    user: SqlName = "marquez"
    tls: Literal["verify-full", "verify-ca", "require"] = "verify-full"
    ca: Pem = ""


class ContainerMarquez(Container, frozen=True, tag_field="mode", tag="container", kw_only=True):
    """Marquez in two containers, API and web page. It has no login and no TLS, so it stays on this machine.

    Attributes:
        web_image, web_port: of the web page.
        database: where its data lies; Atlas's own PostgreSQL container unless said otherwise.
    """

    image: Image = Image(ref="marquezproject/marquez:0.51.1")
    web_image: Image = Image(ref="marquezproject/marquez-web:0.51.1")
    port: PublishedPort = 15000
    web_port: PublishedPort = 15001
    memory: Annotated[int, Meta(ge=512, le=1_048_576, extra=MIB)] = 768
    database: MarquezDatabase | None = None


class ExternalMarquez(_Struct, frozen=True, tag_field="mode", tag="external", kw_only=True):
    """A Marquez, or another OpenLineage consumer, that is run elsewhere.

    Attributes:
        endpoint: for clients.
        internal_endpoint: for containers, where it differs.
        api_key: whether it asks for one; the key is a config secret.
        web: address of its web page, if there is one.
    """

    endpoint: HttpUrl
    internal_endpoint: HttpUrl | None = None
    api_key: bool = False
    web: WebAddress = ""


class Docker(_Struct, frozen=True):
    """The Docker engine.

    Attributes:
        host: its address as in ``DOCKER_HOST``, for example ``ssh://ops@data1``; by default what the environment says.
        tunnel: the operator forwards the ports from the remote engine's loopback address to this machine's.
    """

    host: EngineAddress | None = None
    tunnel: bool = False


class Build(_Struct, frozen=True):
    """How images are built.

    Attributes:
        base: the Debian 13 (trixie) image that Atlas's own Dockerfiles start from; give a digest to pin it.
        ca: PEM of one more certificate authority to trust while building, for networks whose proxy opens TLS.
        network: the engine's network mode for build steps, ``host`` for example.
    """

    base: Reference = "debian:trixie-slim"
    ca: Pem = ""
    network: Annotated[str, _text(r"^[A-Za-z0-9_.-]+\Z", "a network's name, or host")] | None = None


class Certificates(_Struct, frozen=True):
    """The certificates that containers show, and their authority's; written by ``atlas up``."""

    ca: Pem = ""
    postgres: Pem = ""
    redis: Pem = ""
    object_store: Pem = ""


class Settings(_Struct, frozen=True, kw_only=True):
    """All of a stack's settings, as ``atlas:<name>`` in Pulumi's configuration.

    Attributes:
        host: the name or address by which clients reach the published ports; certificates are made out to it.
        keep_data: volumes outlive their containers and the stack. Only ``atlas down --delete-data`` says false.
    """

    host: Host = "localhost"
    keep_data: bool = True
    docker: Docker = Docker()
    build: Build = Build()
    postgres: ContainerPostgres | ExternalPostgres = ContainerPostgres()
    redis: ContainerRedis | ExternalRedis = ContainerRedis()
    object_store: ContainerObjectStore | ExternalObjectStore = ContainerObjectStore()
    marquez: ContainerMarquez | ExternalMarquez = ContainerMarquez()
    certificates: Certificates = Certificates()
