"""What must hold for everything that a stack asks the engine for, whatever it is called and whenever it was added.

A property is a function from a recorded stack to its violations, a sentence each. ``traps.py`` has those that keep the
engine and Pulumi from doing something else than the program says; here are those that keep the services safe.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks import Resource, Stack

    Property = Callable[[Stack], Iterator[str]]

CONTAINER = "docker:index/container:Container"
VOLUME = "docker:index/volume:Volume"
NETWORK = "docker:index/network:Network"
BUILT_IMAGE = "docker:index/image:Image"
PULLED_IMAGE = "docker:index/remoteImage:RemoteImage"
KNOWN_TYPES = {CONTAINER, VOLUME, NETWORK, BUILT_IMAGE, PULLED_IMAGE}

# Capabilities that a service was shown not to start without, by its label. So far each starts with none.
PROVEN_CAPABILITIES: dict[str, set[str]] = {}

# What the newest Debian of a release is called. On a laptop it may be; a server's stack says which one it means.
ROLLING = {"local": {"debian:trixie-slim"}}

# Inputs that open the host, or can.
NAMESPACES = ("pidMode", "ipcMode", "usernsMode", "cgroupnsMode", "networkMode")
PRIVILEGES = ("privileged", "devices", "gpus", "groupAdds", "sysctls", "mounts")
# What else the properties look at, or was read and found harmless. Look at any other input before it comes in here.
REVIEWED = (  # noqa: SIM905 - thirty lines else
    "attach capabilities command cpus destroyGraceSeconds entrypoints envs healthcheck hostname image init labels "
    "logDriver logOpts logs memory memorySwap mustRun name networksAdvanced platform ports readOnly restart "
    "securityOpts shmSize start stopSignal tmpfs uploads user volumes wait waitTimeout"
).split()


def containers(stack: Stack) -> list[Resource]:
    return [resource for resource in stack.resources if resource["type"] == CONTAINER]


def label(resource: Resource, name: str) -> str | None:
    return next((item["value"] for item in resource["inputs"].get("labels", []) if item["label"] == name), None)


def is_seed(container: Resource) -> bool:
    """Whether it only carries secrets into a volume; such a container never starts."""
    return label(container, "atlas.role") == "seed"


def seeds(stack: Stack) -> list[Resource]:
    return [container for container in containers(stack) if is_seed(container)]


def services(stack: Stack) -> list[Resource]:
    return [container for container in containers(stack) if not is_seed(container)]


def mounted(container: Resource) -> set[str]:
    return {mount["volumeName"] for mount in container["inputs"].get("volumes", []) if "volumeName" in mount}


def everything_is_looked_at(stack: Stack) -> Iterator[str]:
    for resource in stack.resources:
        type_ = resource["type"]
        if type_ not in KNOWN_TYPES and not type_.startswith(("atlas:service:", "pulumi:")):
            yield f"{resource['name']} is a {type_}, which no property looks at"
    for container in containers(stack):
        for unknown in sorted(set(container["inputs"]) - {*REVIEWED, *NAMESPACES, *PRIVILEGES}):
            yield f"{container['name']} sets {unknown}, which nobody has looked at"


def ports_are_published_where_the_stack_says(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        allowed = stack.binds.get(label(container, "atlas.service") or "", "127.0.0.1")
        for port in container["inputs"].get("ports", []):
            if port.get("ip") != allowed:
                yield f"{container['name']} is published on {port.get('ip')}, not on {allowed}"
            if port.get("external", 0) < 1024:
                yield f"{container['name']} is published on a port of the engine's own choice or of the system's"


def published_ports_are_unique(stack: Stack) -> Iterator[str]:
    taken: dict[float, str] = {}
    for container in containers(stack):
        for port in container["inputs"].get("ports", []):
            if "external" in port and taken.setdefault(port["external"], container["name"]) != container["name"]:
                yield f"{container['name']} and {taken[port['external']]} are both published on {port['external']}"


def capabilities_are_dropped(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        capabilities = container["inputs"].get("capabilities", {})
        if "ALL" not in capabilities.get("drops", []):
            yield f"{container['name']} keeps the engine's default capabilities"
        proven = PROVEN_CAPABILITIES.get(label(container, "atlas.service") or "", set())
        for added in sorted(set(capabilities.get("adds", [])) - proven):
            yield f"{container['name']} adds {added}, which it wasn't shown to need"


def no_privilege_is_gained(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        if container["inputs"].get("securityOpts") != ["no-new-privileges:true"]:
            yield f"{container['name']} may gain privileges, or loses the engine's own confinement"


def users_are_numeric_and_not_root(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        # A name would be looked up in the image, where it may mean root.
        if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["inputs"].get("user", "")):
            yield f"{container['name']} doesn't run as a numeric user and group that aren't root"


def roots_are_read_only(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        if container["inputs"].get("readOnly") is not True:
            yield f"{container['name']} can write to its root"


def scratch_space_is_confined(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        for path, options in container["inputs"].get("tmpfs", {}).items():
            given = options.split(",")
            for wanted in ("nosuid", "nodev", "size=[1-9].*"):
                if not any(re.fullmatch(wanted, option) for option in given):
                    yield f"{container['name']}'s {path} is mounted without {wanted}"


def limits_are_set(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        inputs = container["inputs"]
        # To the engine nothing is no limit, and so is 0.
        if not inputs.get("memory", 0) > 0:
            yield f"{container['name']} has no limit of memory"
        if not float(inputs.get("cpus", 0)) > 0:
            yield f"{container['name']} has no limit of cores"


def restarts_after_a_crash(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        if container["inputs"].get("restart") not in {"unless-stopped", "always"}:
            yield f"{container['name']} stays away after a crash or a restart of the host"


def logs_are_rotated(stack: Stack) -> Iterator[str]:
    for container in services(stack):
        rotation = container["inputs"].get("logOpts", {})
        if container["inputs"].get("logDriver") not in {"json-file", "local"}:
            yield f"{container['name']} logs to somewhere that nothing rotates"
        if not re.fullmatch(r"[1-9]\d*[kmg]", rotation.get("max-size", "")):
            yield f"{container['name']} can fill the disk with one log"
        if not re.fullmatch(r"[1-9]\d*", rotation.get("max-file", "")):
            yield f"{container['name']} can fill the disk with old logs"


def host_stays_out_of_reach(stack: Stack) -> Iterator[str]:
    for container in containers(stack):
        inputs = container["inputs"]
        for mode in NAMESPACES:
            # Harmless where it is "none": no network at all.
            if inputs.get(mode, "") not in {"", "none", "private"}:
                yield f"{container['name']} shares a namespace with the host or another container by {mode}"
        for privilege in PRIVILEGES:
            if inputs.get(privilege):
                yield f"{container['name']} has more rights than it needs by {privilege}"
        for mount in inputs.get("volumes", []):
            for place in ("hostPath", "fromContainer"):
                if mount.get(place):
                    yield f"{container['name']} mounts what is the host's or another container's by {place}"
            if "docker.sock" in str(mount):
                yield f"{container['name']} could tell the engine what to do"


def one_private_network(stack: Stack) -> Iterator[str]:
    networks = [resource for resource in stack.resources if resource["type"] == NETWORK]
    names = [network["inputs"].get("name") for network in networks]
    if len(networks) != 1:
        yield f"{stack.name} has other networks than one of its own: {names}"
    for network in networks:
        if network["inputs"].get("driver") != "bridge":
            yield f"{network['name']} reaches further than this machine"
        if network["inputs"].get("attachable"):
            yield f"{network['name']} takes in containers of others"
    for container in services(stack):
        joined = container["inputs"].get("networksAdvanced", [])
        if [network.get("name") for network in joined] != names[:1]:
            yield f"{container['name']} isn't on the stack's network, or not on it alone"
        service = label(container, "atlas.service")
        if service and any(network.get("aliases") != [service] for network in joined):
            yield f"{container['name']} isn't found as {service}"


def seeds_never_run(stack: Stack) -> Iterator[str]:
    harmless = {"start": False, "mustRun": False, "networkMode": "none", "restart": "no", "entrypoints": ["true"]}
    for container in seeds(stack):
        inputs = container["inputs"]
        for key, value in harmless.items():
            if inputs.get(key) != value:
                yield f"{container['name']} is called a seed, so nothing watches it, but its {key} isn't {value}"
        for key in ("ports", "networksAdvanced", "healthcheck", "command", "envs"):
            if inputs.get(key):
                yield f"{container['name']} is called a seed, but is made to serve: it has {key}"


def everything_is_labelled(stack: Stack) -> Iterator[str]:
    for resource in stack.resources:
        if resource["type"] in {CONTAINER, VOLUME, NETWORK} and label(resource, "atlas.stack") != stack.name:
            yield f"{resource['name']} doesn't say which stack it belongs to"
        if resource["type"] in {CONTAINER, VOLUME} and not label(resource, "atlas.service"):
            yield f"{resource['name']} doesn't say which service it belongs to"
        if resource["type"] == CONTAINER and label(resource, "atlas.role") not in {"service", "seed"}:
            yield f"{resource['name']} doesn't say what it is for"


def names_tell_stacks_apart(stack: Stack) -> Iterator[str]:
    taken: set[tuple[str, str]] = set()
    for resource in stack.resources:
        if resource["type"] in {CONTAINER, VOLUME, NETWORK}:
            name = resource["inputs"].get("name", "")
            if not re.match(rf"atlas-{re.escape(stack.name)}(-|\Z)", name):
                yield f"{resource['name']} is called {name} on the engine, as another stack's may be"
            if (resource["type"], name) in taken:
                yield f"{resource['name']} is called {name} on the engine, as another one of this stack is"
            taken.add((resource["type"], name))


def images_are_pinned(stack: Stack) -> Iterator[str]:
    for resource in stack.resources:
        if resource["type"] == PULLED_IMAGE and not is_pinned(resource["inputs"].get("name", "")):
            yield f"{resource['name']} can be another image tomorrow: {resource['inputs'].get('name')}"
        if resource["type"] == BUILT_IMAGE:
            base = resource["inputs"].get("build", {}).get("args", {}).get("BASE", "")
            if not is_pinned(base) and base not in ROLLING.get(stack.name, set()):
                yield f"{resource['name']} starts from an image that can be another one tomorrow: {base}"


def is_pinned(reference: str) -> bool:
    """Whether an image's name has a digest, or a tag that names a version or a day."""
    if re.search(r"@sha256:[0-9a-f]{64}\Z", reference):
        return True
    return bool(re.search(r":[^/]*\d[^/]*\Z", reference))


def images_are_built_from_the_program(stack: Stack) -> Iterator[str]:
    for resource in stack.resources:
        if resource["type"] == BUILT_IMAGE:
            build = resource["inputs"].get("build", {})
            context = PurePosixPath(build.get("context", "/"))
            # Relative to the program, since Pulumi compares the path: another checkout would replace the containers.
            if PurePosixPath("images") not in context.parents or ".." in context.parts:
                yield f"{resource['name']} is built from {context}, not from a directory images/… of the program"
            if "dockerfile" in build:
                yield f"{resource['name']} is built by {build['dockerfile']}, which may lie anywhere"


def secrets_stay_in_seeds(stack: Stack) -> Iterator[str]:
    planted = tuple(stack.planted.items())
    for resource in stack.resources:
        yield from _shown(json.dumps(resource), planted)


@functools.cache  # the walk takes its time, and most resources are looked at again and again
def _shown(recorded: str, planted: tuple[tuple[str, str], ...]) -> list[str]:
    resource, found = json.loads(recorded), []
    keys, any_form = _forms(planted)
    if not any_form.search(str(resource)):
        return []
    for place, text, is_secret in _texts(resource, ()):
        for key in sorted({keys[form] for form in any_form.findall(text)}):
            path = ".".join(map(str, place))
            carried = place[:2] == ("inputs", "uploads") and place[3:] == ("content",) and is_seed(resource)
            if not carried:
                found.append(f"{resource['name']} shows {key} in {path}")
            elif not is_secret:
                found.append(f"{resource['name']} leaves {key} in {path} to plain state")
    return found


@functools.cache
def _forms(planted: tuple[tuple[str, str], ...]) -> tuple[dict[str, str], re.Pattern[str]]:
    keys = {form: key for key, text in planted for form in _shapes(text)}
    return keys, re.compile("|".join(map(re.escape, keys)))


def _shapes(text: str) -> Iterator[str]:
    # Of a private key each line by itself; of a password also what one gets by encoding it.
    lines = [line for line in text.splitlines() if not line.startswith("-----")]
    for line in lines:
        yield line
        yield quote(line, safe="")
        yield base64.b64encode(line.encode()).decode().rstrip("=")
        yield hashlib.sha256(line.encode()).hexdigest()


def _texts(value: Any, place: tuple[Any, ...], is_secret: bool = False) -> Iterator[tuple[tuple[Any, ...], str, bool]]:
    """Every text inside a value, with its place and whether Pulumi keeps it encrypted."""
    if isinstance(value, dict) and set(value) == {"secret"}:
        yield from _texts(value["secret"], place, is_secret=True)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*place, "key"), key, is_secret
            yield from _texts(item, (*place, key), is_secret)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(item, (*place, position), is_secret)
    else:
        yield place, str(value), is_secret


def secrets_are_mounted_read_only(stack: Stack) -> Iterator[str]:
    carried = set().union(*map(mounted, seeds(stack)))
    for container in services(stack):
        for mount in container["inputs"].get("volumes", []):
            if mount.get("volumeName") in carried and mount.get("readOnly") is not True:
                yield f"{container['name']} can write to its own secrets"


def volumes_are_not_shared(stack: Stack) -> Iterator[str]:
    declared = {resource["inputs"].get("name") for resource in stack.resources if resource["type"] == VOLUME}
    for group in (services(stack), seeds(stack)):
        owners: dict[str, str] = {}
        for container in group:
            if any("volumeName" not in mount for mount in container["inputs"].get("volumes", [])):
                yield f"{container['name']} mounts what isn't a named volume"
            for volume in sorted(mounted(container)):
                if volume not in declared:
                    yield f"{container['name']} mounts {volume}, which isn't the stack's"
                if owners.setdefault(volume, container["name"]) != container["name"]:
                    yield f"{container['name']} mounts {volume}, which is {owners[volume]}'s"


SECURITY: tuple[Property, ...] = (
    everything_is_looked_at,
    ports_are_published_where_the_stack_says,
    published_ports_are_unique,
    capabilities_are_dropped,
    no_privilege_is_gained,
    users_are_numeric_and_not_root,
    roots_are_read_only,
    scratch_space_is_confined,
    limits_are_set,
    restarts_after_a_crash,
    logs_are_rotated,
    host_stays_out_of_reach,
    one_private_network,
    seeds_never_run,
    everything_is_labelled,
    names_tell_stacks_apart,
    images_are_pinned,
    images_are_built_from_the_program,
    secrets_stay_in_seeds,
    secrets_are_mounted_read_only,
    volumes_are_not_shared,
)
