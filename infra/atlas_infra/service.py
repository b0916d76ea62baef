"""A container as Atlas runs every one: unprivileged, limited, watched, its secrets in files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import pulumi
import pulumi_docker as docker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlas_infra.site import Site

SECRETS = "/run/secrets"
NO_PRIVILEGES = "no-new-privileges:true"
# Docker applies no edit of these to a container that is there, and the provider doesn't say so.
REPLACED_ON_CHANGES = ["tmpfs", "init", "healthcheck", "shmSize", "stopSignal"]


class PublishedPort(NamedTuple):
    """A port of the container (``internal``) as the Docker host shows it."""

    internal: int
    external: int
    bind: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """What differs between containers.

    Attributes:
        name: on the network, and the last part of all names on the engine.
        image: the engine's id of the image.
        user: ``uid:gid``; never root.
        network: name of the network.
        memory: limit in MiB.
        cpus: limit in cores.
        healthy: the health check, as Docker takes it (``CMD`` or ``CMD-SHELL`` first); it tries the service itself.
        files: secrets and whatever else must not show in ``docker inspect``, by their paths under ``/run/secrets``.
        data: the directory that outlives the container, if one does.
        tmpfs: the directories that may be written besides, with their mount options.
        command: arguments of the image's entrypoint, or of ``entrypoints``.
        environment: variables; anyone who can ask the engine can read them.
        grace_s: seconds to stop in before it is killed.
        shared_memory: of ``/dev/shm``, in MiB.
        after: what must be healthy before it starts.
    """

    name: str
    image: pulumi.Input[str]
    user: str
    network: pulumi.Input[str]
    memory: int
    cpus: float
    healthy: Sequence[str]
    ports: Sequence[PublishedPort] = ()
    files: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    data: str | None = None
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    entrypoints: Sequence[str] | None = None
    command: Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_s: int = 30
    shared_memory: int | None = None
    after: Sequence[pulumi.Resource] = ()


def run(service: Service, site: Site, parent: pulumi.Resource) -> docker.Container:
    """Make the container with its volumes, under ``parent``."""
    labels = {"atlas.stack": site.stack, "atlas.service": service.name}
    volumes = []
    role: dict[str, pulumi.Input[str]] = {"atlas.role": "service"}
    if service.files:
        seed, secrets = _seed(service, site, parent, labels)
        volumes.append(docker.ContainerVolumeArgs(volume_name=secrets.name, container_path=SECRETS, read_only=True))
        # Ties the container to its secrets: when they change, exactly the seed and the container are replaced.
        role["atlas.seed"] = seed.id
    if service.data is not None:
        kept = _data_volume(service, site, parent, labels)
        volumes.append(docker.ContainerVolumeArgs(volume_name=kept.name, container_path=service.data))
    return docker.Container(
        service.name,
        name=site.named(service.name),
        hostname=service.name,
        image=service.image,
        entrypoints=service.entrypoints,
        command=service.command,
        envs=[f"{name}={value}" for name, value in service.environment.items()],
        user=service.user,
        networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=service.network, aliases=[service.name])],
        ports=[docker.ContainerPortArgs(internal=p.internal, external=p.external, ip=p.bind) for p in service.ports],
        volumes=volumes,
        tmpfs=dict(service.tmpfs),
        read_only=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=[NO_PRIVILEGES],
        memory=service.memory,
        memory_swap=service.memory,  # the two together: no swap. Left out, the engine's own value shows as a change.
        cpus=canonical_cpus(service.cpus),
        shm_size=service.shared_memory,
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=list(service.healthy), interval="5s", timeout="5s", start_period="1m0s", retries=6
        ),
        wait=True,
        # The provider waits for health alone: one that crashes over and over is waited for just as long.
        wait_timeout=180,
        restart="unless-stopped",
        destroy_grace_seconds=service.grace_s,
        log_driver="json-file",
        log_opts={"max-size": "10m", "max-file": "3"},
        labels=[docker.ContainerLabelArgs(label=label, value=value) for label, value in (labels | role).items()],
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=list(service.after),
            # Names and ports are fixed, so the old one has to go first.
            delete_before_replace=True,
            replace_on_changes=REPLACED_ON_CHANGES,
        ),
    )


def canonical_cpus(cpus: float) -> str:
    """Cores as the engine reports them; written otherwise (``1``, ``0.50``), every `up` would replace the container."""
    return str(float(cpus))


def _seed(
    service: Service, site: Site, parent: pulumi.Resource, labels: Mapping[str, str]
) -> tuple[docker.Container, docker.Volume]:
    """A container that never starts: it carries the files into a volume, which the service mounts read-only.

    The engine can't upload into a container whose root is read-only, and what is uploaded shows neither in
    ``docker inspect`` nor in plain state.
    """
    secrets = docker.Volume(
        f"{service.name}-secrets",
        name=site.named(service.name, "secrets"),
        labels=[docker.VolumeLabelArgs(label=label, value=value) for label, value in labels.items()],
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
    seed = docker.Container(
        f"{service.name}-seed",
        name=site.named(service.name, "seed"),
        image=service.image,
        entrypoints=["true"],
        start=False,
        must_run=False,
        restart="no",
        network_mode="none",
        user=service.user,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=[NO_PRIVILEGES],
        uploads=[
            docker.ContainerUploadArgs(file=f"{SECRETS}/{path}", content=content, permissions="0444")
            for path, content in sorted(service.files.items())
        ],
        volumes=[docker.ContainerVolumeArgs(volume_name=secrets.name, container_path=SECRETS)],
        labels=[
            docker.ContainerLabelArgs(label=label, value=value)
            for label, value in {**labels, "atlas.role": "seed"}.items()
        ],
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
    return seed, secrets


def _data_volume(service: Service, site: Site, parent: pulumi.Resource, labels: Mapping[str, str]) -> docker.Volume:
    keep = site.settings.keep_data
    return docker.Volume(
        f"{service.name}-data",
        name=site.named(service.name, "data"),
        labels=[docker.VolumeLabelArgs(label=label, value=value) for label, value in labels.items()],
        # A changed label or a destroyed stack would take the data with it.
        opts=pulumi.ResourceOptions(parent=parent, protect=keep, retain_on_delete=keep),
    )
