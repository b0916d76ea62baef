"""What all components of a stack share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pulumi

from atlas_infra.checks import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlas_infra.settings import Container, Settings

Value = TypeVar("Value")


class Site(NamedTuple):
    """A stack and its secrets.

    Attributes:
        stack: the stack's name. Every name on the Docker engine starts with it, so that stacks can share an engine.
        secrets: the configuration's secrets that are set, by key; values that Pulumi keeps encrypted.
    """

    stack: str
    settings: Settings
    secrets: Mapping[str, pulumi.Output[str]]

    def named(self, *parts: str) -> str:
        """Name of a container, volume, network or image of this stack."""
        return "-".join(("atlas", self.stack, *parts))

    def client_host(self, service: Container) -> str:
        """The host by which clients reach a service's published port."""
        return "localhost" if is_loopback(service.bind) else self.settings.host


def in_url(host: str) -> str:
    """A host as an address of a URL names it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def known(value: Value) -> pulumi.Output[Value]:
    """A component's output that is known before anything is made."""
    return pulumi.Output.from_input(value)
