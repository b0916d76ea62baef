"""The object store: landing files, archive, backups, documentation, over S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

from atlas_infra.images import image_id
from atlas_infra.service import PublishedPort, Service, run
from atlas_infra.settings import Buckets, ContainerObjectStore, ExternalObjectStore
from atlas_infra.site import in_url, known

if TYPE_CHECKING:
    from atlas_infra.site import Site

PORT = 9000
USER = "971:971"
ROOT_USER = "atlas-root"
ACCESS_KEY = "atlas"
ERASURE_ACCESS_KEY = "atlas-erasure"


class ObjectStore(pulumi.ComponentResource):
    """MinIO in a container, with TLS, or any S3 service that is run elsewhere.

    At each start the image's entrypoint makes the buckets, their versioning, the archive's lock, and three users:
    Atlas's, which can neither administer nor delete from the archive; one for lawful erasure, which alone can do that;
    one that writes backups.

    Attributes:
        endpoint: for clients; ``internal_endpoint`` for containers.
        container: None where the service is run elsewhere.
    """

    endpoint: pulumi.Output[str]
    internal_endpoint: pulumi.Output[str]
    region: pulumi.Output[str]
    access_key: pulumi.Output[str]
    secret_key: pulumi.Output[str]
    erasure_access_key: pulumi.Output[str]
    erasure_secret_key: pulumi.Output[str]
    ca: pulumi.Output[str]
    bucket_landing: pulumi.Output[str]
    bucket_archive: pulumi.Output[str]
    bucket_backups: pulumi.Output[str]
    bucket_docs: pulumi.Output[str]
    container: docker.Container | None

    def __init__(
        self,
        name: str,
        settings: ContainerObjectStore | ExternalObjectStore,
        site: Site,
        network: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("atlas:service:ObjectStore", name, None, opts)
        self.secret_key = site.secrets["objectStoreSecretKey"]
        self.erasure_secret_key = site.secrets["objectStoreErasureSecretKey"]
        if isinstance(settings, ExternalObjectStore):
            self.container = None
            buckets, ca = settings.buckets, settings.ca
            endpoint, internal = settings.endpoint, settings.internal_endpoint or settings.endpoint
            access_key, erasure_access_key = settings.access_key, settings.erasure_access_key
        else:
            self.container = run(self._service(name, settings, site, network), site, self)
            buckets, ca = Buckets(), site.settings.certificates.ca
            endpoint = f"https://{in_url(site.client_host(settings))}:{settings.port}"
            internal = f"https://{name}:{PORT}"
            access_key, erasure_access_key = ACCESS_KEY, ERASURE_ACCESS_KEY
        self.endpoint, self.internal_endpoint = known(endpoint.rstrip("/")), known(internal.rstrip("/"))
        self.region, self.ca = known(settings.region), known(ca)
        self.access_key, self.erasure_access_key = known(access_key), known(erasure_access_key)
        self.bucket_landing, self.bucket_archive = known(buckets.landing), known(buckets.archive)
        self.bucket_backups, self.bucket_docs = known(buckets.backups), known(buckets.docs)
        self.register_outputs({"endpoint": self.endpoint})

    def _service(self, name: str, settings: ContainerObjectStore, site: Site, network: pulumi.Input[str]) -> Service:
        return Service(
            name=name,
            image=image_id(name, settings.image, site, self),
            user=USER,
            network=network,
            memory=settings.memory,
            cpus=settings.cpus,
            healthy=["CMD", "/usr/local/bin/healthy"],
            ports=[PublishedPort(PORT, settings.port, settings.bind)],
            files={
                "certs/public.crt": site.settings.certificates.object_store,
                "certs/private.key": site.secrets["objectStoreTlsKey"],
                "certs/CAs/ca.crt": site.settings.certificates.ca,
                "root_user": ROOT_USER,
                "root_password": site.secrets["objectStoreRootPassword"],
                "atlas_secret_key": self.secret_key,
                "erasure_secret_key": self.erasure_secret_key,
                "backup_secret_key": site.secrets["objectStoreBackupSecretKey"],
            },
            data="/data",
            tmpfs={"/tmp": "rw,noexec,nosuid,nodev,size=64m"},  # noqa: S108 - in the container
            environment={
                "MINIO_SITE_REGION": settings.region,
                "RETENTION_DAYS": str(settings.retention_days),
            },
        )
