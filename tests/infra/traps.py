"""What must hold so that the engine does what the program says, and a second `up` finds nothing to change.

Each was found on a real engine; mocks accept anything, so it is asserted here. ``properties.py`` has the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from properties import (
    BUILT_IMAGE,
    CONTAINER,
    NETWORK,
    PULLED_IMAGE,
    VOLUME,
    containers,
    label,
    mounted,
    seeds,
    services,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from properties import Property
    from stacks import Resource, Stack

DURATIONS = ("interval", "timeout", "startPeriod", "startInterval")
POSTGRES_GRACE_S = 60
# Docker applies no edit of these to a container that is there.
SILENT_EDITS = {"tmpfs", "init", "healthcheck"}


def no_uploads_into_a_read_only_root(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        if container["inputs"].get("readOnly") and container["inputs"].get("uploads"):
            yield f"{container['name']} has uploads, which the engine refuses on a read-only root"


def no_argument_is_empty(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        for key in ("command", "entrypoints", "envs"):
            if "" in (container["inputs"].get(key) or []):
                yield f"{container['name']} has an empty value in {key}, which the provider refuses"


def swap_is_named_with_memory(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        if container["inputs"].get("memorySwap") != container["inputs"].get("memory"):
            yield f"{container['name']} would be updated on every up, or swaps"


def cores_are_canonical(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        cpus = container["inputs"].get("cpus", "1.0")
        # As the engine reports it: 1.0, 0.5; neither 1 nor 0.50.
        if not isinstance(cpus, str) or not re.fullmatch(r"(0|[1-9]\d*)\.(0|\d*[1-9])", cpus):
            yield f"{container['name']} would be replaced on every up: cpus is {cpus!r}"


def durations_are_canonical(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        check = container["inputs"].get("healthcheck", {})
        for key, given in ((key, check[key]) for key in DURATIONS if key in check):
            if (length_s := seconds(given)) is None or given != as_go_writes(length_s):
                yield f"{container['name']} would be changed on every up: {key} is {given}"


def seconds(duration: str) -> int | None:
    """Length of a duration such as ``1m30s``; None where it isn't one of whole seconds."""
    parts = re.fullmatch(r"(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", duration)
    if parts is None:
        return None
    return sum(int(part or 0) * unit for part, unit in zip(parts.groups(), (3600, 60, 1), strict=True))


def as_go_writes(length_s: int) -> str:
    """A duration in Go's form, which the engine reports: ``1m0s`` for 60."""
    hours, minutes, rest = length_s // 3600, length_s // 60 % 60, length_s % 60
    return f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s" if minutes else f"{rest}s"


def capabilities_are_canonical(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        named = container["inputs"].get("capabilities", {})
        for capability in [*named.get("drops", []), *named.get("adds", [])]:
            if capability != "ALL" and not capability.startswith("CAP_"):
                yield f"{container['name']} would be replaced on a refresh: {capability} isn't CAP_{capability}"


def no_platform(stack: Stack) -> Iterator[str]:
    for resource in stack.resources:
        if "platform" in resource["inputs"] or "platform" in resource["inputs"].get("build", {}):
            yield f"{resource['name']} would be replaced on every up: it names a platform"


def no_log_goes_into_state(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        if container["inputs"].get("logs") or container["inputs"].get("attach"):
            yield f"{container['name']} has Pulumi read its log, which ends in plain state"


def health_is_waited_for(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        check = container["inputs"].get("healthcheck", {})
        tests = check.get("tests", [])
        if len(tests) < 2 or tests[0] not in {"CMD", "CMD-SHELL"}:
            yield f"{container['name']} has no health check"
        if not check.get("retries"):
            yield f"{container['name']} has a health check that gives up when the engine likes"
        if container["inputs"].get("wait") is not True:
            yield f"{container['name']} isn't waited for"
        if container["inputs"].get("waitTimeout", 0) < patience_s(check):
            yield f"{container['name']} isn't waited for until its health check may give up"


def patience_s(check: Resource) -> float:
    """Seconds after which a container that never gets well is called unhealthy."""
    start, interval, timeout = (seconds(check.get(key, "0s")) or 0 for key in ("startPeriod", "interval", "timeout"))
    return float(start + check.get("retries", 0) * (interval + timeout))


def health_checks_tell_the_truth(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        tests = container["inputs"].get("healthcheck", {}).get("tests", [])
        command = " ".join(tests)
        if tests[:1] == ["CMD-SHELL"] and "/dev/tcp" in command:
            yield f"{container['name']} asks the shell for /dev/tcp, which only bash has"
        if "redis-cli" in command and "PONG" not in command:
            yield f"{container['name']} calls a refused login healthy: redis-cli exits with 0"
        if "pg_isready" in command and "127.0.0.1" not in command:
            yield f"{container['name']} is healthy before its bootstrap ends: the socket answers already"


def services_may_stop_in_peace(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        least = POSTGRES_GRACE_S if label(container, "atlas.service") == "postgres" else 10
        if container["inputs"].get("destroyGraceSeconds", 0) < least:
            yield f"{container['name']} is killed in less than {least} s"


def images_are_kept(stack: Stack) -> Iterator[str]:
    for resource in stack.resources:
        inputs = resource["inputs"]
        if resource["type"] == PULLED_IMAGE:
            if inputs.get("keepLocally") is not True or inputs.get("forceRemove"):
                yield f"{resource['name']} is removed with the stack"
            if inputs.get("pullTriggers"):
                yield f"{resource['name']} is pulled though it is there"
        if resource["type"] == BUILT_IMAGE and (inputs.get("skipPush") is not True or "registry" in inputs):
            yield f"{resource['name']} is pushed to a registry"


def images_are_named_by_id(stack: Stack) -> Iterator[str]:
    ids = {
        (resource["parent"], image_id): resource["name"]
        for resource in stack.resources
        for image_id in resource["answer"].values()
    }
    for container in containers(stack):
        if (container["parent"], container["inputs"].get("image")) not in ids:
            yield f"{container['name']} keeps running when its image is built or pulled anew"


def data_outlives_its_container(stack: Stack) -> Iterator[str]:
    carried = set().union(*map(mounted, seeds(stack)))
    for resource in stack.resources:
        options = resource["options"]
        if resource["type"] != VOLUME or resource["inputs"].get("name") in carried:
            continue
        if not (options["protect"] and options["retain_on_delete"]) or options["delete_before_replace"]:
            yield f"{resource['name']} can be lost by a change of a label"


def secrets_can_be_destroyed(stack: Stack) -> Iterator[str]:
    carried = set().union(*map(mounted, seeds(stack)))
    for resource in stack.resources:
        options = resource["options"]
        if resource["inputs"].get("name") in carried and (options["protect"] or options["retain_on_delete"]):
            yield f"{resource['name']} keeps secrets of a stack that is gone"


def services_follow_their_secrets(stack: Stack) -> Iterator[str]:
    ids = {volume: seed["id"] for seed in seeds(stack) for volume in mounted(seed)}
    for container in services(stack):
        wanted = [ids[volume] for volume in sorted(mounted(container)) if volume in ids]
        if wanted and [label(container, "atlas.seed")] != wanted:
            yield f"{container['name']} goes on with old secrets when they are rotated"


def replacements_come_into_force(stack: Stack) -> Iterator[str]:
    carried = set().union(*map(mounted, seeds(stack)))
    for resource in stack.resources:
        options, is_container = resource["options"], resource["type"] == CONTAINER
        fixed = is_container or resource["type"] == NETWORK or resource["inputs"].get("name") in carried
        if fixed and not options["delete_before_replace"]:
            yield f"{resource['name']} can't be replaced: its name is taken"
    for container in services(stack):
        if silent := sorted(SILENT_EDITS - set(container["options"]["replace_on_changes"])):
            yield f"{container['name']} isn't changed by an edit of {', '.join(silent)}"


def components_own_their_parts(stack: Stack) -> Iterator[str]:
    types = {resource["urn"]: resource["type"] for resource in stack.resources}
    for resource in stack.resources:
        parent = types.get(resource["parent"], "")
        if resource["type"].startswith("docker:") and not parent.startswith("atlas:service:"):
            yield f"{resource['name']} belongs to no component"
        if resource["type"].startswith("atlas:") and parent != "pulumi:pulumi:Stack":
            yield f"{resource['name']} doesn't belong to the stack"


TRAPS: tuple[Property, ...] = (
    no_uploads_into_a_read_only_root,
    no_argument_is_empty,
    swap_is_named_with_memory,
    cores_are_canonical,
    durations_are_canonical,
    capabilities_are_canonical,
    no_platform,
    no_log_goes_into_state,
    health_is_waited_for,
    health_checks_tell_the_truth,
    services_may_stop_in_peace,
    images_are_kept,
    images_are_named_by_id,
    data_outlives_its_container,
    secrets_can_be_destroyed,
    services_follow_their_secrets,
    replacements_come_into_force,
    components_own_their_parts,
)
