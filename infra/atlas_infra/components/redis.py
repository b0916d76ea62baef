"""Redis: event intake, task broker, cache."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

from atlas_infra.images import image_id
from atlas_infra.service import SECRETS, PublishedPort, Service, run
from atlas_infra.settings import ContainerRedis, ExternalRedis
from atlas_infra.site import known

if TYPE_CHECKING:
    from atlas_infra.site import Site

PORT = 6379
USER = "999:999"
LOGIN = "atlas"
# Of the container's limit. The rest is for the copy that the append-only file's rewrite makes.
CACHE_SHARE = 0.6


class Redis(pulumi.ComponentResource):
    """A Redis server, in a container with TLS and one user, or one that is run elsewhere.

    Attributes:
        host, port: for clients; ``internal_*`` for containers.
        container: None where the server is run elsewhere.
    """

    host: pulumi.Output[str]
    port: pulumi.Output[int]
    internal_host: pulumi.Output[str]
    internal_port: pulumi.Output[int]
    scheme: pulumi.Output[str]
    user: pulumi.Output[str]
    password: pulumi.Output[str]
    ca: pulumi.Output[str]
    container: docker.Container | None

    def __init__(
        self,
        name: str,
        settings: ContainerRedis | ExternalRedis,
        site: Site,
        network: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("atlas:service:Redis", name, None, opts)
        self.password = site.secrets["redisPassword"]
        if isinstance(settings, ExternalRedis):
            self.container = None
            address = (settings.host, settings.port)
            internal = (settings.internal_host or settings.host, settings.internal_port or settings.port)
            scheme = "rediss" if settings.tls else "redis"
            user, ca = settings.user, settings.ca
        else:
            self.container = run(self._service(name, settings, site, network), site, self)
            address, internal = (site.client_host(settings), settings.port), (name, PORT)
            scheme, user, ca = "rediss", LOGIN, site.settings.certificates.ca
        self.host, self.port = known(address[0]), known(address[1])
        self.internal_host, self.internal_port = known(internal[0]), known(internal[1])
        self.scheme, self.user, self.ca = known(scheme), known(user), known(ca)
        self.register_outputs({"host": self.host, "port": self.port})

    def _service(self, name: str, settings: ContainerRedis, site: Site, network: pulumi.Input[str]) -> Service:
        return Service(
            name=name,
            image=image_id(name, settings.image, site, self),
            user=USER,
            network=network,
            memory=settings.memory,
            cpus=settings.cpus,
            # redis-cli calls a refused login a success, so PONG is looked for.
            healthy=[
                "CMD-SHELL",
                f'REDISCLI_AUTH="$(cat {SECRETS}/password)" redis-cli --no-auth-warning --tls '
                f"--cacert {SECRETS}/ca.crt --user {LOGIN} ping | grep -q PONG",
            ],
            ports=[PublishedPort(PORT, settings.port, settings.bind)],
            files={
                "users.acl": self.password.apply(access_control),
                "password": self.password,
                "ca.crt": site.settings.certificates.ca,
                "tls.crt": site.settings.certificates.redis,
                "tls.key": site.secrets["redisTlsKey"],
            },
            data="/data",
            tmpfs={"/tmp": "rw,noexec,nosuid,nodev,size=16m"},  # noqa: S108 - in the container
            entrypoints=["redis-server"],
            command=[
                argument for setting, value in server_settings(settings).items() for argument in (f"--{setting}", value)
            ],
        )


def server_settings(settings: ContainerRedis) -> dict[str, str]:
    """Redis's settings: TLS only, every write on disk within a second, memory within the container's limit."""
    return {
        "port": "0",
        "tls-port": str(PORT),
        "tls-cert-file": f"{SECRETS}/tls.crt",
        "tls-key-file": f"{SECRETS}/tls.key",
        "tls-ca-cert-file": f"{SECRETS}/ca.crt",
        "tls-auth-clients": "no",
        "aclfile": f"{SECRETS}/users.acl",
        "dir": "/data",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory": f"{int(settings.memory * CACHE_SHARE)}mb",
        "maxmemory-policy": settings.policy,
    }


def access_control(password: str) -> str:
    """The access-control file: nobody but ``atlas``, who may neither administer nor, say, list every key."""
    digest = hashlib.sha256(password.encode()).hexdigest()
    return f"user default off\nuser {LOGIN} on #{digest} ~* &* +@all -@admin -@dangerous +info\n"
