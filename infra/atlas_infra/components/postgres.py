"""PostgreSQL: everything that Atlas keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

from atlas_infra.images import image_id
from atlas_infra.service import PublishedPort, Service, run
from atlas_infra.settings import ContainerMarquez, ContainerPostgres, ExternalPostgres
from atlas_infra.site import known

if TYPE_CHECKING:
    from atlas_infra.site import Site

PORT = 5432
USER = "970:970"
DATABASE = LOGIN = "atlas"
MARQUEZ = "marquez"


class Postgres(pulumi.ComponentResource):
    """A PostgreSQL server, in a container with TLS and SCRAM only, or one that is run elsewhere.

    The container's image makes the login ``atlas`` and its database with their extensions, and ``marquez`` likewise
    where Marquez keeps its data here. Schemas and group roles are the migrations' part.

    Attributes:
        host, port: for clients; ``internal_*`` for containers.
        container: None where the server is run elsewhere.
    """

    host: pulumi.Output[str]
    port: pulumi.Output[int]
    internal_host: pulumi.Output[str]
    internal_port: pulumi.Output[int]
    database: pulumi.Output[str]
    user: pulumi.Output[str]
    password: pulumi.Output[str]
    sslmode: pulumi.Output[str]
    ca: pulumi.Output[str]
    container: docker.Container | None

    def __init__(
        self,
        name: str,
        settings: ContainerPostgres | ExternalPostgres,
        site: Site,
        network: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("atlas:service:Postgres", name, None, opts)
        self.password = site.secrets["postgresPassword"]
        if isinstance(settings, ExternalPostgres):
            self.container = None
            address = (settings.host, settings.port)
            internal = (settings.internal_host or settings.host, settings.internal_port or settings.port)
            login = (settings.database, settings.user)
            trust = (settings.tls, settings.ca)
        else:
            self.container = run(self._service(name, settings, site, network), site, self)
            address, internal = (site.client_host(settings), settings.port), (name, PORT)
            login, trust = (DATABASE, LOGIN), ("verify-full", site.settings.certificates.ca)
        self.host, self.port = known(address[0]), known(address[1])
        self.internal_host, self.internal_port = known(internal[0]), known(internal[1])
        self.database, self.user = map(known, login)
        self.sslmode, self.ca = map(known, trust)
        self.register_outputs({"host": self.host, "port": self.port})

    def _service(self, name: str, settings: ContainerPostgres, site: Site, network: pulumi.Input[str]) -> Service:
        files: dict[str, pulumi.Input[str]] = {
            "tls.crt": site.settings.certificates.postgres,
            "tls.key": site.secrets["postgresTlsKey"],
            "atlas_password": self.password,
        }
        marquez = site.settings.marquez
        if isinstance(marquez, ContainerMarquez) and marquez.database is None:
            files["marquez_password"] = site.secrets["marquezDatabasePassword"]
        return Service(
            name=name,
            image=image_id(name, settings.image, site, self),
            user=USER,
            network=network,
            memory=settings.memory,
            cpus=settings.cpus,
            healthy=["CMD", "/usr/local/bin/healthy"],
            ports=[PublishedPort(PORT, settings.port, settings.bind)],
            files=files,
            data="/var/lib/postgresql",
            tmpfs={
                "/run/postgresql": "rw,noexec,nosuid,nodev,uid=970,gid=970,mode=0700,size=16m",
                "/tmp": "rw,noexec,nosuid,nodev,size=64m",  # noqa: S108 - in the container
            },
            command=[
                argument
                for setting, value in server_settings(settings).items()
                for argument in ("-c", f"{setting}={value}")
            ],
            grace_s=60,
            # Parallel queries share their hash tables here.
            shared_memory=max(64, settings.memory // 4),
        )


def server_settings(settings: ContainerPostgres) -> dict[str, str]:
    """The server's settings, sized for the memory that the container may use.

    A quarter for shared buffers and a quarter for sorts and hashes of all connections are PostgreSQL's own rules of
    thumb (documentation, "Resource Consumption").
    """
    memory = settings.memory
    return {
        "max_connections": str(settings.max_connections),
        "shared_buffers": f"{memory // 4}MB",
        "effective_cache_size": f"{memory * 3 // 4}MB",
        "maintenance_work_mem": f"{min(2048, memory // 16)}MB",
        "work_mem": f"{memory * 1024 // 4 // settings.max_connections}kB",
        # A reader that can't prune locks every partition of a table.
        "max_locks_per_transaction": "256",
        "wal_compression": "on",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "shared_preload_libraries": "pgaudit,pg_stat_statements",
        # It would keep the text of ALTER ROLE … PASSWORD.
        "pg_stat_statements.track_utility": "off",
        "pgaudit.log": "ddl,role",
        "pgaudit.log_catalog": "off",
        "pgaudit.log_parameter": "off",
    }
