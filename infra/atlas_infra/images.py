"""Images: taken by reference, or built from a directory of this program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

if TYPE_CHECKING:
    from atlas_infra.settings import Image
    from atlas_infra.site import Site


def image_id(name: str, image: Image, site: Site, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The engine's id of a service's image, for the container's ``image``.

    An id, not a name: a container isn't replaced when a name comes to mean another image.
    """
    options = pulumi.ResourceOptions(parent=parent)
    if image.ref is not None:
        # Without pull_triggers an image that the engine has is used as it is; destroying the stack leaves it there.
        return docker.RemoteImage(f"{name}-image", name=image.ref, keep_locally=True, opts=options).image_id
    build = site.settings.build
    # The context is relative to the program, where Pulumi works: it compares the path as it is written, and a checkout
    # elsewhere is to change nothing.
    arguments = {"BASE": build.base, **({"EXTRA_CA": build.ca} if build.ca else {}), **image.args}
    built = docker.Image(
        f"{name}-image",
        image_name=f"{site.named(name)}:built",
        build=docker.DockerBuildArgs(context=image.build or "", args=arguments, network=build.network),
        skip_push=True,
        opts=options,
    )
    return built.repo_digest
