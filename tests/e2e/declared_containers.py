"""What the Pulumi program declares, and the docker client's options that say the same.

Every input is either translated or named with the reason why it can't be. One that is neither, such as one that a
component will declare tomorrow, is refused: the container half would otherwise test containers that aren't the stack's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from stack_support import PROJECT, stack_settings

from atlas.stacks.credentials import missing_credentials
from atlas_infra.checks import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Inputs = dict[str, Any]

RECORDER = PROJECT / "tests" / "infra" / "record.py"
CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
PULLED_IMAGE = "docker:index/remoteImage:RemoteImage"
BUILT_IMAGE = "docker:index/image:Image"
# By kind: what has no counterpart in the docker client, and why nothing is lost.
UNTRANSLATED: dict[str, dict[str, str]] = {
    CONTAINER: {
        "mustRun": "the provider's own look at a container that it has just started; wait_healthy looks closer",
        "wait": "the provider's wait for health; wait_healthy waits for every service",
        "waitTimeout": "the provider's patience; wait_healthy has its own",
        "destroyGraceSeconds": "the provider's patience when it removes; here containers are removed by force",
    },
    NETWORK: {},
    VOLUME: {},
    PULLED_IMAGE: {"keepLocally": "about the stack's end; images stay here, too"},
    BUILT_IMAGE: {
        "buildOnPreview": "there is no preview",
        "skipPush": "the docker client pushes only what it is told to",
    },
}
# What isn't an option: it is an argument, or done by a command of its own.
HANDLED: dict[str, set[str]] = {
    CONTAINER: {"image", "entrypoints", "command", "uploads", "start"},
    NETWORK: {"name"},
    VOLUME: {"name"},
    PULLED_IMAGE: {"name"},
    BUILT_IMAGE: {"imageName", "build"},
}


class UntranslatedError(ValueError):
    """The program declares what this module knows nothing of."""


def recorded(name: str) -> tuple[list[dict[str, Any]], dict[str, Any], set[str]]:
    """What the program asks for, its outputs, and its secrets, as `atlas up` would make them."""
    config = {service: json.dumps(settings) for service, settings in stack_settings().items()}
    credentials = missing_credentials(name, load_settings(name, config), {})
    certificates = {}
    for key, (value, secret) in credentials.items():
        if key.startswith("atlas:certificates."):
            certificates[key.removeprefix("atlas:certificates.")] = value
        elif secret and key.startswith("atlas:"):
            config[key.removeprefix("atlas:")] = value
    secrets = {value for value, secret in credentials.values() if secret}
    asked = {
        "program": str(PROJECT / "infra"),
        "stack": name,
        "config": config | {"certificates": json.dumps(certificates)},
        "secrets": [key.removeprefix("atlas:") for key, (_, secret) in credentials.items() if secret],
    }
    done = subprocess.run(
        [sys.executable, str(RECORDER)], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    return answer["resources"], {key: one["value"] for key, one in answer["outputs"].items()}, secrets


def role(resource: Inputs) -> str | None:
    """A container's role by its label; None for what is no container."""
    if resource["type"] != CONTAINER:
        return None
    return next(str(label["value"]) for label in resource["inputs"]["labels"] if label["label"] == "atlas.role")


def options(kind: str, inputs: Inputs) -> list[str]:
    """The docker client's options for what a resource of this kind declares.

    Raises:
        UntranslatedError: it declares something else, too.
    """
    translations = TRANSLATIONS[kind]
    require_known(kind, inputs, HANDLED[kind] | UNTRANSLATED[kind].keys() | translations.keys())
    return [option for name, value in inputs.items() if name in translations for option in translations[name](value)]


def require_known(what: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse what isn't known.

    Raises:
        UntranslatedError: names it.
    """
    if unknown := sorted(set(given) - set(known)):
        raise UntranslatedError(f"{what} declares {', '.join(unknown)}: translate it, or say why that can't be done")


def container_command(inputs: Inputs, image: str) -> list[str]:
    """Arguments of the docker client that create a container as it is declared."""
    entrypoints = inputs.get("entrypoints") or []
    entrypoint = ["--entrypoint", entrypoints[0]] if entrypoints else []
    chosen = options(CONTAINER, inputs)
    return ["create", *chosen, *entrypoint, image, *entrypoints[1:], *(inputs.get("command") or [])]


def build_command(inputs: Inputs) -> list[str]:
    """Arguments of the docker client that build an image as it is declared."""
    build = inputs["build"]
    require_known("the build", build, {"context", "args", "network"})
    arguments = [option for name, value in build["args"].items() for option in ("--build-arg", f"{name}={value}")]
    if build.get("network"):
        arguments += ["--network", build["network"]]
    return [
        "build",
        "--quiet",
        *options(BUILT_IMAGE, inputs),
        "--tag",
        inputs["imageName"],
        *arguments,
        str(PROJECT / "infra" / build["context"]),
    ]


def _each(option: str) -> Callable[[list[str]], list[str]]:
    return lambda values: [part for value in values for part in (option, value)]


def _pairs(option: str, joint: str) -> Callable[[dict[str, str]], list[str]]:
    return lambda values: [part for name, value in values.items() for part in (option, f"{name}{joint}{value}")]


def _one(option: str) -> Callable[[Any], list[str]]:
    return lambda value: [option, str(value)]


def _flag(option: str) -> Callable[[bool], list[str]]:
    return lambda value: [f"{option}={'true' if value else 'false'}"]


def _mebibytes(option: str) -> Callable[[float], list[str]]:
    return lambda value: [option, f"{value:.0f}m"]


def _labels(labels: list[Inputs]) -> list[str]:
    for one in labels:
        require_known("a label", one, {"label", "value"})
    return [part for one in labels for part in ("--label", f"{one['label']}={one['value']}")]


def _capabilities(capabilities: Inputs) -> list[str]:
    require_known("the capabilities", capabilities, {"drops", "adds"})
    return _each("--cap-drop")(capabilities.get("drops") or []) + _each("--cap-add")(capabilities.get("adds") or [])


def _volumes(volumes: list[Inputs]) -> list[str]:
    chosen = []
    for one in volumes:
        require_known("a mount", one, {"volumeName", "containerPath", "readOnly"})
        mode = ":ro" if one.get("readOnly") else ""
        chosen += ["--volume", f"{one['volumeName']}:{one['containerPath']}{mode}"]
    return chosen


def _networks(networks: list[Inputs]) -> list[str]:
    chosen = []
    for one in networks:
        require_known("a network of a container", one, {"name", "aliases"})
        chosen += ["--network", one["name"], *_each("--network-alias")(one["aliases"])]
    return chosen


def _ports(ports: list[Inputs]) -> list[str]:
    chosen = []
    for one in ports:
        require_known("a port", one, {"ip", "external", "internal"})
        chosen += ["--publish", f"{one['ip']}:{one['external']:.0f}:{one['internal']:.0f}"]
    return chosen


def _healthcheck(check: Inputs) -> list[str]:
    require_known("the health check", check, {"tests", "interval", "timeout", "retries", "startPeriod"})
    kind, *arguments = check["tests"]
    # The client takes shell lines alone.
    line = arguments[0] if kind == "CMD-SHELL" else " ".join("'" + one.replace("'", "'\\''") + "'" for one in arguments)
    return [
        *("--health-cmd", line),
        *("--health-interval", check["interval"]),
        *("--health-timeout", check["timeout"]),
        *("--health-start-period", check["startPeriod"]),
        *("--health-retries", f"{check['retries']:.0f}"),
    ]


TRANSLATIONS: dict[str, dict[str, Callable[[Any], list[str]]]] = {
    CONTAINER: {
        "name": _one("--name"),
        "hostname": _one("--hostname"),
        "user": _one("--user"),
        "restart": _one("--restart"),
        "envs": _each("--env"),
        "labels": _labels,
        "networkMode": _one("--network"),
        "networksAdvanced": _networks,
        "ports": _ports,
        "volumes": _volumes,
        "tmpfs": _pairs("--tmpfs", ":"),
        "readOnly": _flag("--read-only"),
        "capabilities": _capabilities,
        "securityOpts": _each("--security-opt"),
        "memory": _mebibytes("--memory"),
        "memorySwap": _mebibytes("--memory-swap"),
        "shmSize": _mebibytes("--shm-size"),
        "cpus": _one("--cpus"),
        "healthcheck": _healthcheck,
        "logDriver": _one("--log-driver"),
        "logOpts": _pairs("--log-opt", "="),
    },
    NETWORK: {"driver": _one("--driver"), "labels": _labels},
    VOLUME: {"labels": _labels},
    PULLED_IMAGE: {},
    BUILT_IMAGE: {},
}
