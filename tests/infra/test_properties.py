"""No stack violates a property, and each property complains, alone, about each container that is made to violate it."""

from __future__ import annotations

import base64
import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import stacks
from properties import (
    BUILT_IMAGE,
    CONTAINER,
    NETWORK,
    PULLED_IMAGE,
    SECURITY,
    VOLUME,
    containers,
    is_seed,
    label,
    mounted,
)
from traps import TRAPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from properties import Property
    from stacks import Resource, Stack

PROPERTIES: dict[str, Property] = {check.__name__: check for check in (*SECURITY, *TRAPS)}


def violations(stack: Stack) -> dict[str, list[str]]:
    return {name: found for name, check in PROPERTIES.items() if (found := list(check(stack)))}


@pytest.mark.parametrize("stack", stacks.NAMES)
@pytest.mark.parametrize("name", PROPERTIES)
def test_holds(name: str, stack: str) -> None:
    assert list(PROPERTIES[name](stacks.recorded(stack))) == []


@pytest.mark.parametrize(
    ("stack", "services", "carriers"), [("local", 5, 4), ("staging", 5, 4), ("production", 3, 2), ("other", 5, 4)]
)
def test_walks_every_container(stack: str, services: int, carriers: int) -> None:
    # Without containers every property would hold.
    walked = containers(stacks.recorded(stack))
    assert (len(walked) - services, sum(map(is_seed, walked))) == (carriers, carriers)


class Mutation(NamedTuple):
    """A way to violate a property.

    Attributes:
        breaks: the one property that must complain.
        of: whether a resource can be broken so.
        change: does it, in place.
    """

    breaks: str
    of: Callable[[Resource], bool]
    change: Callable[[Resource], Any]


def any_container(resource: Resource) -> bool:
    return bool(resource["type"] == CONTAINER)


def seed(resource: Resource) -> bool:
    return any_container(resource) and is_seed(resource)


def service(resource: Resource) -> bool:
    return any_container(resource) and not is_seed(resource)


def seeded(resource: Resource) -> bool:
    return service(resource) and label(resource, "atlas.seed") is not None


def component(resource: Resource) -> bool:
    return bool(resource["type"].startswith("atlas:"))


def of_type(type_: str) -> Callable[[Resource], bool]:
    return lambda resource: resource["type"] == type_


def volume(role: str) -> Callable[[Resource], bool]:
    return lambda resource: resource["type"] == VOLUME and resource["inputs"]["name"].endswith(f"-{role}")


def checked_by(program: str) -> Callable[[Resource], bool]:
    return lambda resource: service(resource) and program in str(resource["inputs"]["healthcheck"])


def put(*place: Any) -> Callable[[Resource], None]:
    """Set an input, or a part of one: the last of ``place`` is the value."""
    *path, key, value = place

    def change(resource: Resource) -> None:
        part = resource["inputs"]
        for step in path:
            part = part[step]
        part[key] = value

    return change


def drop(*place: Any) -> Callable[[Resource], None]:
    """Leave an input out, or a part of one."""
    *path, key = place

    def change(resource: Resource) -> None:
        part = resource["inputs"]
        for step in path:
            part = part[step]
        part.pop(key, None)

    return change


def option(key: str, value: Any) -> Callable[[Resource], None]:
    return lambda resource: resource["options"].update({key: value})


def relabel(name: str, value: str | None) -> Callable[[Resource], None]:
    def change(resource: Resource) -> None:
        labels = [item for item in resource["inputs"]["labels"] if item["label"] != name]
        resource["inputs"]["labels"] = labels + ([] if value is None else [{"label": name, "value": value}])

    return change


def mount(**entry: Any) -> Callable[[Resource], None]:
    return lambda resource: resource["inputs"]["volumes"].append({"containerPath": "/mnt", **entry})


def of_component(name: str) -> Callable[[Resource], bool]:
    return lambda resource: service(resource) and f"atlas:service:{name}::" in resource["parent"]


def keeper_or_marquez(resource: Resource) -> bool:
    return seeded(resource) and label(resource, "atlas.service") in {"redis", "marquez"}


def published(resource: Resource) -> bool:
    return service(resource) and bool(resource["inputs"]["ports"])


def has_secret_upload(resource: Resource) -> bool:
    return seed(resource) and any(isinstance(item["content"], dict) for item in resource["inputs"]["uploads"])


def lay_open(resource: Resource) -> None:
    """Upload a secret as plain text, as ``config.get`` would."""
    upload = next(item for item in resource["inputs"]["uploads"] if isinstance(item["content"], dict))
    upload["content"] = upload["content"]["secret"]


SECRET = stacks.SECRETS["redisPassword"]
HIDDEN = {"secret": f"redis://atlas:{SECRET}@redis:6379"}
KEY = stacks.SECRETS["postgresTlsKey"]

MUTATIONS = [
    Mutation(
        "everything_is_looked_at",
        of_type(PULLED_IMAGE),
        lambda it: it.update(type="docker:index/registryImage:RegistryImage"),
    ),
    Mutation("everything_is_looked_at", any_container, put("hosts", [{"host": "db", "ip": "10.0.0.1"}])),
    Mutation("ports_are_published_where_the_stack_says", published, put("ports", 0, "ip", "203.0.113.7")),
    Mutation("ports_are_published_where_the_stack_says", of_component("Marquez"), put("ports", 0, "ip", "::")),
    Mutation("ports_are_published_where_the_stack_says", published, drop("ports", 0, "ip")),
    Mutation("ports_are_published_where_the_stack_says", published, drop("ports", 0, "external")),
    Mutation("ports_are_published_where_the_stack_says", published, put("ports", 0, "external", 443.0)),
    Mutation("capabilities_are_dropped", any_container, drop("capabilities")),
    Mutation("capabilities_are_dropped", any_container, put("capabilities", "drops", ["CAP_NET_RAW"])),
    Mutation("capabilities_are_dropped", any_container, put("capabilities", "adds", ["CAP_CHOWN"])),
    Mutation("capabilities_are_canonical", any_container, put("capabilities", "drops", ["ALL", "NET_RAW"])),
    Mutation("no_privilege_is_gained", any_container, drop("securityOpts")),
    Mutation("no_privilege_is_gained", any_container, put("securityOpts", ["no-new-privileges:false"])),
    Mutation(
        "no_privilege_is_gained", any_container, put("securityOpts", ["no-new-privileges:true", "seccomp=unconfined"])
    ),
    *(
        Mutation("users_are_numeric_and_not_root", any_container, put("user", user))
        for user in ("0:0", "0", "999", "999:0", "root", "postgres")
    ),
    Mutation("users_are_numeric_and_not_root", any_container, drop("user")),
    Mutation("roots_are_read_only", service, put("readOnly", False)),
    Mutation("roots_are_read_only", service, drop("readOnly")),
    Mutation("no_uploads_into_a_read_only_root", seed, put("readOnly", True)),
    Mutation("no_uploads_into_a_read_only_root", service, put("uploads", [{"file": "/motd", "content": "hello"}])),
    Mutation("no_argument_is_empty", service, put("command", ["--save", ""])),
    Mutation("scratch_space_is_confined", service, put("tmpfs", "/tmp", "rw,nosuid,nodev")),  # noqa: S108
    Mutation("scratch_space_is_confined", service, put("tmpfs", "/scratch", "size=16m")),
    Mutation("limits_are_set", service, drop("cpus")),
    Mutation("limits_are_set", service, lambda it: [it["inputs"].pop(key) for key in ("memory", "memorySwap")]),
    Mutation("swap_is_named_with_memory", service, drop("memorySwap")),
    Mutation("swap_is_named_with_memory", service, put("memorySwap", -1.0)),
    *(Mutation("cores_are_canonical", service, put("cpus", cpus)) for cpus in ("1", "0.50", "01.0", "1.", ".5", 1.0)),
    Mutation("health_is_waited_for", service, drop("healthcheck")),
    Mutation("health_is_waited_for", service, put("healthcheck", "tests", ["NONE"])),
    Mutation("health_is_waited_for", service, put("wait", False)),
    Mutation("health_is_waited_for", service, drop("waitTimeout")),
    Mutation("health_is_waited_for", service, put("waitTimeout", 60.0)),
    Mutation("durations_are_canonical", service, put("healthcheck", "startPeriod", "60s")),
    Mutation("durations_are_canonical", service, put("healthcheck", "interval", "0m5s")),
    Mutation("durations_are_canonical", service, put("healthcheck", "timeout", "5000ms")),
    Mutation(
        "health_checks_tell_the_truth",
        service,
        put("healthcheck", "tests", ["CMD-SHELL", "exec 3<>/dev/tcp/127.0.0.1/5432"]),
    ),
    Mutation("health_checks_tell_the_truth", service, put("healthcheck", "tests", ["CMD", "redis-cli", "ping"])),
    Mutation("health_checks_tell_the_truth", service, put("healthcheck", "tests", ["CMD", "pg_isready"])),
    Mutation("restarts_after_a_crash", service, put("restart", "no")),
    Mutation("restarts_after_a_crash", service, drop("restart")),
    Mutation("logs_are_rotated", service, drop("logOpts")),
    Mutation("logs_are_rotated", service, drop("logOpts", "max-file")),
    Mutation("logs_are_rotated", service, put("logDriver", "gelf")),
    Mutation("services_may_stop_in_peace", service, drop("destroyGraceSeconds")),
    Mutation("services_may_stop_in_peace", service, put("destroyGraceSeconds", 9.0)),
    Mutation(
        "services_may_stop_in_peace",
        lambda it: service(it) and label(it, "atlas.service") == "postgres",
        put("destroyGraceSeconds", 59.0),
    ),
    Mutation("everything_is_labelled", any_container, relabel("atlas.stack", "another")),
    Mutation("everything_is_labelled", of_type(NETWORK), relabel("atlas.stack", None)),
    Mutation("everything_is_labelled", of_type(VOLUME), relabel("atlas.service", None)),
    Mutation("everything_is_labelled", service, relabel("atlas.role", None)),
    Mutation("names_tell_stacks_apart", any_container, put("name", "atlas-another-redis")),
    Mutation("names_tell_stacks_apart", any_container, drop("name")),
    Mutation("no_log_goes_into_state", any_container, put("logs", True)),
    Mutation("no_log_goes_into_state", any_container, put("attach", True)),
    Mutation("no_platform", any_container, put("platform", "linux/amd64")),
    Mutation("no_platform", of_type(BUILT_IMAGE), put("build", "platform", "linux/amd64")),
    Mutation("no_platform", of_type(PULLED_IMAGE), put("platform", "linux/amd64")),
    Mutation("host_stays_out_of_reach", service, put("networkMode", "host")),
    Mutation("host_stays_out_of_reach", service, put("networkMode", "container:atlas-local-postgres")),
    *(Mutation("host_stays_out_of_reach", any_container, put(mode, "host")) for mode in ("pidMode", "ipcMode")),
    Mutation("host_stays_out_of_reach", any_container, put("privileged", True)),
    Mutation("host_stays_out_of_reach", any_container, put("devices", [{"hostPath": "/dev/kvm"}])),
    Mutation("host_stays_out_of_reach", any_container, mount(hostPath="/etc")),
    Mutation("host_stays_out_of_reach", any_container, mount(hostPath="/var/run/docker.sock", readOnly=True)),
    Mutation("host_stays_out_of_reach", any_container, mount(fromContainer="atlas-local-postgres")),
    Mutation("seeds_never_run", seed, drop("start")),
    Mutation("seeds_never_run", seed, drop("mustRun")),
    Mutation("seeds_never_run", seed, drop("networkMode")),
    Mutation("seeds_never_run", seed, put("networksAdvanced", [{"name": "atlas-local"}])),
    Mutation("seeds_never_run", seed, put("restart", "always")),
    Mutation("seeds_never_run", seed, put("healthcheck", {"tests": ["CMD", "true"]})),
    Mutation("one_private_network", service, drop("networksAdvanced")),
    Mutation("one_private_network", service, put("networksAdvanced", 0, "name", "bridge")),
    Mutation("one_private_network", service, put("networksAdvanced", 0, "aliases", ["db"])),
    Mutation("one_private_network", service, lambda it: it["inputs"]["networksAdvanced"].append({"name": "other"})),
    Mutation("one_private_network", of_type(NETWORK), put("driver", "macvlan")),
    Mutation("one_private_network", of_type(NETWORK), put("attachable", True)),
    *(
        Mutation("images_are_pinned", of_type(PULLED_IMAGE), put("name", name))
        for name in ("redis", "redis:latest", "registry.example.com:5000/redis", "registry.example.com:5000/redis:")
    ),
    Mutation("images_are_pinned", of_type(BUILT_IMAGE), put("build", "args", "BASE", "debian")),
    Mutation("images_are_built_from_the_program", of_type(BUILT_IMAGE), put("build", "context", "/")),
    Mutation(
        "images_are_built_from_the_program",
        of_type(BUILT_IMAGE),
        put("build", "context", f"{stacks.PROGRAM}/images/../.."),
    ),
    Mutation("images_are_kept", of_type(PULLED_IMAGE), drop("keepLocally")),
    Mutation("images_are_kept", of_type(PULLED_IMAGE), put("pullTriggers", ["sha256:…"])),
    Mutation("images_are_kept", of_type(BUILT_IMAGE), put("skipPush", False)),
    Mutation("images_are_named_by_id", any_container, put("image", "redis:8.0.3")),
    Mutation("secrets_stay_in_seeds", has_secret_upload, lay_open),
    Mutation("secrets_stay_in_seeds", any_container, put("envs", [f"PASSWORD={SECRET}"])),
    Mutation("secrets_stay_in_seeds", any_container, put("envs", [HIDDEN])),
    Mutation("secrets_stay_in_seeds", service, put("command", ["--requirepass", {"secret": SECRET}])),
    Mutation("secrets_stay_in_seeds", any_container, put("entrypoints", ["sh", "-c", f"serve '{SECRET}'"])),
    Mutation("secrets_stay_in_seeds", service, put("healthcheck", "tests", ["CMD", "serve", "--ping", SECRET])),
    Mutation("secrets_stay_in_seeds", any_container, put("hostname", SECRET)),
    Mutation("secrets_stay_in_seeds", any_container, relabel("password", SECRET)),
    Mutation("secrets_stay_in_seeds", of_type(VOLUME), relabel(SECRET, "password")),
    Mutation("secrets_stay_in_seeds", of_type(BUILT_IMAGE), put("build", "args", "TOKEN", {"secret": SECRET})),
    Mutation("secrets_stay_in_seeds", any_container, put("envs", [{"secret": KEY.replace("\n", "\\n")}])),
    Mutation("secrets_stay_in_seeds", component, lambda it: it["outputs"].update(url=f"redis://atlas:{SECRET}@redis")),
    Mutation("secrets_are_mounted_read_only", seeded, put("volumes", 0, "readOnly", False)),
    Mutation("volumes_are_not_shared", any_container, mount(volumeName="somebody-elses")),
    Mutation("data_outlives_its_container", volume("data"), option("protect", False)),
    Mutation("data_outlives_its_container", volume("data"), option("retain_on_delete", False)),
    Mutation("data_outlives_its_container", volume("data"), option("delete_before_replace", True)),
    Mutation("secrets_can_be_destroyed", volume("secrets"), option("protect", True)),
    Mutation("services_follow_their_secrets", seeded, relabel("atlas.seed", None)),
    Mutation("services_follow_their_secrets", seeded, relabel("atlas.seed", "an-older-seed")),
    Mutation("replacements_come_into_force", any_container, option("delete_before_replace", False)),
    Mutation("replacements_come_into_force", volume("secrets"), option("delete_before_replace", False)),
    Mutation("replacements_come_into_force", of_type(NETWORK), option("delete_before_replace", False)),
    *(
        Mutation("replacements_come_into_force", service, option("replace_on_changes", kept))
        for kept in (["init", "healthcheck"], ["tmpfs", "healthcheck"], ["tmpfs", "init"])
    ),
    Mutation("components_own_their_parts", of_type(VOLUME), lambda it: it.update(parent="")),
    Mutation("components_own_their_parts", component, lambda it: it.update(parent="")),
]


def copied(stack: Stack) -> Stack:
    return stack._replace(resources=copy.deepcopy(stack.resources))


@pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=lambda number: f"{number}-{MUTATIONS[number].breaks}")
def test_complains(number: int) -> None:
    mutation, tried = MUTATIONS[number], 0
    for name in stacks.NAMES:
        whole = stacks.recorded(name)
        for position, resource in enumerate(whole.resources):
            if mutation.of(resource):
                broken = whole._replace(resources=whole.resources.copy())
                broken.resources[position] = copy.deepcopy(resource)
                mutation.change(broken.resources[position])
                complaints = violations(broken)
                assert list(complaints) == [mutation.breaks], (name, resource["name"], complaints)
                tried += 1
    assert tried > 0


def publish_twice(first: Resource, second: Resource) -> None:
    second["inputs"]["ports"][0]["external"] = first["inputs"]["ports"][0]["external"]


def name_twice(first: Resource, second: Resource) -> None:
    second["inputs"]["name"] = first["inputs"]["name"]


def share_data(first: Resource, second: Resource) -> None:
    # Marquez keeps nothing, so either may be the one with data.
    data = next(volume for volume in sorted(mounted(first) | mounted(second)) if volume.endswith("-data"))
    for container in (first, second):
        container["inputs"]["volumes"].append({"volumeName": data, "containerPath": "/theirs"})


@pytest.mark.parametrize(
    ("breaks", "of", "change"),
    [
        ("published_ports_are_unique", published, publish_twice),
        ("names_tell_stacks_apart", any_container, name_twice),
        ("volumes_are_not_shared", keeper_or_marquez, share_data),
    ],
)
@pytest.mark.parametrize("stack", stacks.NAMES)
def test_complains_of_a_pair(
    breaks: str, of: Callable[[Resource], bool], change: Callable[[Resource, Resource], None], stack: str
) -> None:
    broken = copied(stacks.recorded(stack))
    first, second, *_ = filter(of, broken.resources)
    change(first, second)
    assert list(violations(broken)) == [breaks]


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_complains_of_a_second_network(stack: str) -> None:
    broken = copied(stacks.recorded(stack))
    network = copy.deepcopy(next(filter(of_type(NETWORK), broken.resources)))
    network["inputs"]["name"] += "-2"
    broken.resources.append(network)
    assert list(violations(broken)) == ["one_private_network"]


@pytest.mark.parametrize("key", stacks.SECRETS)
@pytest.mark.parametrize("shape", ["{}", "https://user:{}@host", "base64"])
def test_finds_every_secret_in_any_shape(key: str, shape: str) -> None:
    text = next(line for line in stacks.SECRETS[key].splitlines() if not line.startswith("---"))
    shown = base64.b64encode(text.encode()).decode() if shape == "base64" else shape.format(text)
    for position, resource in enumerate(stacks.recorded("local").resources):
        if service(resource):
            broken = copied(stacks.recorded("local"))
            broken.resources[position]["inputs"]["envs"] = [f"SETTING={shown}"]
            assert [complaint for found in violations(broken).values() for complaint in found] == [
                f"{resource['name']} shows {key} in inputs.envs.0"
            ]


def test_every_property_is_tried() -> None:
    tried = {mutation.breaks for mutation in MUTATIONS} | {"published_ports_are_unique"}
    assert tried == set(PROPERTIES)
