"""Marquez: lineage to look at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi

from atlas_infra.components.postgres import MARQUEZ
from atlas_infra.images import image_id
from atlas_infra.service import SECRETS, PublishedPort, Service, run
from atlas_infra.settings import ContainerMarquez, ExternalMarquez, MarquezDatabase
from atlas_infra.site import in_url, known

if TYPE_CHECKING:
    from atlas_infra.components.postgres import Postgres
    from atlas_infra.site import Site

PORT = 5000
ADMIN_PORT = 5001
WEB_PORT = 3000
USER = "972:972"
WEB_MEMORY = 256
# Java's heap, of the container's limit; the rest is code, threads and buffers.
HEAP_SHARE = 0.6


class Marquez(pulumi.ComponentResource):
    """Marquez's API and web page in two containers, or an OpenLineage consumer that is run elsewhere.

    Attributes:
        endpoint: for clients; ``internal_endpoint`` for containers.
        api_key: what it asks for; empty where it asks for nothing.
        web: address of the web page; empty where there is none.
    """

    endpoint: pulumi.Output[str]
    internal_endpoint: pulumi.Output[str]
    api_key: pulumi.Output[str]
    web: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        settings: ContainerMarquez | ExternalMarquez,
        site: Site,
        network: pulumi.Input[str],
        postgres: Postgres,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("atlas:service:Marquez", name, None, opts)
        self.api_key = pulumi.Output.secret("")
        if isinstance(settings, ExternalMarquez):
            if settings.api_key:
                self.api_key = site.secrets["marquezApiKey"]
            endpoint, internal = settings.endpoint, settings.internal_endpoint or settings.endpoint
            web = settings.web
        else:
            host = in_url(site.client_host(settings))
            endpoint, internal = f"http://{host}:{settings.port}", f"http://{name}:{PORT}"
            web = f"http://{host}:{settings.web_port}"
            api = run(self._api(name, settings, site, network, postgres), site, self)
            run(self._web(name, settings, site, network, api), site, self)
        self.endpoint, self.internal_endpoint = known(endpoint.rstrip("/")), known(internal.rstrip("/"))
        self.web = known(web)
        self.register_outputs({"endpoint": self.endpoint, "web": self.web})

    def _api(
        self, name: str, settings: ContainerMarquez, site: Site, network: pulumi.Input[str], postgres: Postgres
    ) -> Service:
        database = database_of(settings, postgres)
        files: dict[str, pulumi.Input[str]] = {
            "marquez.yml": pulumi.Output.all(database, site.secrets["marquezDatabasePassword"]).apply(
                lambda found: configuration(*found)
            ),
        }
        if settings.database is None or settings.database.ca:
            files["database-ca.crt"] = database.apply(lambda found: found.ca)
        return Service(
            name=name,
            image=image_id(name, settings.image, site, self),
            user=USER,
            network=network,
            memory=settings.memory,
            cpus=settings.cpus,
            # Its own health page asks the database, too. The image has bash, but neither curl nor wget.
            healthy=[
                "CMD",
                "bash",
                "-c",
                f"exec 3<>/dev/tcp/127.0.0.1/{ADMIN_PORT} && printf 'GET /healthcheck HTTP/1.0\\r\\n\\r\\n' >&3 "
                "&& head -1 <&3 | grep -q ' 200 '",
            ],
            ports=[PublishedPort(PORT, settings.port, settings.bind)],
            files=files,
            tmpfs={"/tmp": "rw,noexec,nosuid,nodev,size=64m"},  # noqa: S108 - in the container
            environment={
                # The image's own configuration holds a fixed login.
                "MARQUEZ_CONFIG": f"{SECRETS}/marquez.yml",
                "JAVA_OPTS": f"-Xmx{int(settings.memory * HEAP_SHARE)}m -XX:+UseSerialGC",
                "HOME": "/tmp",  # noqa: S108 - in the container
            },
            grace_s=10,  # as below: what it keeps is in PostgreSQL
            after=[postgres.container] if postgres.container is not None and settings.database is None else [],
        )

    def _web(
        self, name: str, settings: ContainerMarquez, site: Site, network: pulumi.Input[str], api: pulumi.Resource
    ) -> Service:
        return Service(
            name=f"{name}-web",
            image=image_id(f"{name}-web", settings.web_image, site, self),
            user=USER,
            network=network,
            memory=WEB_MEMORY,
            cpus=0.5,
            healthy=[
                "CMD",
                "node",
                "-e",
                f"require('http').get('http://127.0.0.1:{WEB_PORT}/', r => process.exit(r.statusCode === 200 ? 0 : 1))"
                ".on('error', () => process.exit(1))",
            ],
            ports=[PublishedPort(WEB_PORT, settings.web_port, settings.bind)],
            tmpfs={"/tmp": "rw,noexec,nosuid,nodev,size=64m"},  # noqa: S108 - in the container
            environment={
                "MARQUEZ_HOST": name,
                "MARQUEZ_PORT": str(PORT),
                "WEB_PORT": str(WEB_PORT),
                "HOME": "/tmp",  # noqa: S108 - in the container
            },
            grace_s=10,  # it keeps nothing, and its shell doesn't pass the signal on
            after=[api],
        )


def database_of(settings: ContainerMarquez, postgres: Postgres) -> pulumi.Output[MarquezDatabase]:
    """Where Marquez's data lies: what the settings say, else a database beside Atlas's own."""
    if settings.database is not None:
        return known(settings.database)
    return pulumi.Output.all(host=postgres.internal_host, port=postgres.internal_port, ca=postgres.ca).apply(
        lambda found: MarquezDatabase(database=MARQUEZ, user=MARQUEZ, **found)
    )


def configuration(database: MarquezDatabase, password: str) -> str:
    """Marquez's configuration file; JSON is YAML, too, and quotes what needs it."""
    url = f"jdbc:postgresql://{in_url(database.host)}:{database.port}/{database.database}?sslmode={database.tls}"
    if database.ca:
        url += f"&sslrootcert={SECRETS}/database-ca.crt"
    elif database.tls != "require":
        url += "&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory"
    return json.dumps(
        {
            "server": {
                "applicationConnectors": [{"type": "http", "port": PORT, "httpCompliance": "RFC7230_LEGACY"}],
                "adminConnectors": [{"type": "http", "port": ADMIN_PORT}],
            },
            "db": {
                "driverClass": "org.postgresql.Driver",
                "url": url,
                "user": database.user,
                "password": password,
            },
            "migrateOnStartup": True,
            "graphql": {"enabled": True},
            "logging": {"level": "INFO", "appenders": [{"type": "console"}]},
            "search": {"enabled": False},
            "tags": [],
        },
        indent=2,
    )
