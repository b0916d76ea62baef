"""The private network that the stack's containers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

if TYPE_CHECKING:
    from atlas_infra.site import Site


class Network(pulumi.ComponentResource):
    """A bridge of the stack's own. Containers find each other on it by name; what they don't publish stays on it.

    Attributes:
        network_name: its name on the engine.
    """

    network_name: pulumi.Output[str]

    def __init__(self, name: str, site: Site, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("atlas:service:Network", name, None, opts)
        network = docker.Network(
            name,
            name=site.named(),
            driver="bridge",
            labels=[docker.NetworkLabelArgs(label="atlas.stack", value=site.stack)],
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.network_name = network.name
        self.register_outputs({"network_name": self.network_name})
