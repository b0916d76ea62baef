"""Every way to violate a property: one mutation for each clause of it, so that each clause is shown to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import stacks
from properties import BUILT_IMAGE, CONTAINER, NETWORK, PULLED_IMAGE, VOLUME, is_seed, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks import Resource


class Mutation(NamedTuple):
    """A way to violate a property.

    Attributes:
        breaks: the property that must complain, alone.
        of: whether a resource can be broken so.
        change: does it, in place.
        also: the one other that can't but complain as well.
    """

    breaks: str
    of: Callable[[Resource], bool]
    change: Callable[[Resource], Any]
    also: str | None = None


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


def mounting(resource: Resource) -> bool:
    return any_container(resource) and bool(resource["inputs"].get("volumes"))


def mount(**entry: Any) -> Callable[[Resource], None]:
    return lambda resource: resource["inputs"]["volumes"].append({"containerPath": "/mnt", **entry})


def of_component(name: str) -> Callable[[Resource], bool]:
    return lambda resource: service(resource) and f"atlas:service:{name}::" in resource["parent"]


def keeper_or_marquez(resource: Resource) -> bool:
    return seeded(resource) and label(resource, "atlas.service") in {"redis", "marquez"}


def seed_on_loopback(resource: Resource) -> bool:
    # Elsewhere its address would be another service's, whose property would complain as well.
    return seed(resource) and label(resource, "atlas.service") == "marquez"


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

SECURITY_MUTATIONS = [
    Mutation(
        "everything_is_looked_at",
        of_type(PULLED_IMAGE),
        lambda it: it.update(type="docker:index/registryImage:RegistryImage"),
    ),
    Mutation("everything_is_looked_at", any_container, put("hosts", [{"host": "db", "ip": "10.0.0.1"}])),
    Mutation("ports_are_published_where_the_stack_says", published, put("ports", 0, "ip", "203.0.113.7")),
    Mutation("ports_are_published_where_the_stack_says", of_component("Marquez"), put("ports", 0, "ip", "::")),
    Mutation("ports_are_published_where_the_stack_says", published, put("ports", 0, "ip", "127.0.0.2")),
    Mutation("ports_are_published_where_the_stack_says", published, drop("ports", 0, "ip")),
    Mutation("ports_are_published_where_the_stack_says", published, drop("ports", 0, "external")),
    Mutation("ports_are_published_where_the_stack_says", published, put("ports", 0, "external", 443.0)),
    Mutation("capabilities_are_dropped", any_container, drop("capabilities")),
    Mutation("capabilities_are_dropped", any_container, put("capabilities", "drops", ["CAP_NET_RAW"])),
    Mutation("capabilities_are_dropped", any_container, put("capabilities", "adds", ["CAP_CHOWN"])),
    Mutation("no_privilege_is_gained", any_container, drop("securityOpts")),
    *(
        Mutation("no_privilege_is_gained", any_container, put("securityOpts", options))
        for options in (
            ["no-new-privileges:false"],
            ["no-new-privileges:true", "seccomp=unconfined"],
            ["no-new-privileges:true", "apparmor=unconfined"],
        )
    ),
    *(
        Mutation("users_are_numeric_and_not_root", any_container, put("user", user))
        for user in ("0:0", "0", "999", "999:0", "0:999", "root", "postgres")
    ),
    Mutation("users_are_numeric_and_not_root", any_container, drop("user")),
    Mutation("roots_are_read_only", service, put("readOnly", False)),
    Mutation("roots_are_read_only", service, drop("readOnly")),
    *(
        Mutation("scratch_space_is_confined", any_container, put("tmpfs", {"/scratch": options}))
        for options in ("rw,nosuid,nodev", "nodev,size=16m", "nosuid,size=16m", "nosuid,nodev,size=0")
    ),
    Mutation("limits_are_set", service, drop("cpus")),
    Mutation("limits_are_set", service, put("cpus", "0.0")),
    Mutation("limits_are_set", service, lambda it: [it["inputs"].pop(key) for key in ("memory", "memorySwap")]),
    Mutation("limits_are_set", service, lambda it: it["inputs"].update(memory=0.0, memorySwap=0.0)),
    *(Mutation("restarts_after_a_crash", service, put("restart", policy)) for policy in ("no", "on-failure")),
    Mutation("restarts_after_a_crash", service, drop("restart")),
    Mutation("logs_are_rotated", service, put("logDriver", "gelf")),
    Mutation("logs_are_rotated", service, drop("logDriver")),
    Mutation("logs_are_rotated", service, drop("logOpts", "max-file")),
    Mutation("logs_are_rotated", service, put("logOpts", "max-file", "0")),
    Mutation("logs_are_rotated", service, drop("logOpts", "max-size")),
    Mutation("logs_are_rotated", service, put("logOpts", "max-size", "-1")),
    *(Mutation("host_stays_out_of_reach", any_container, put(mode, "host")) for mode in ("pidMode", "ipcMode")),
    *(Mutation("host_stays_out_of_reach", any_container, put(mode, "host")) for mode in ("usernsMode", "cgroupnsMode")),
    *(
        Mutation("host_stays_out_of_reach", any_container, put(mode, "container:atlas-local-postgres"))
        for mode in ("pidMode", "ipcMode")
    ),
    Mutation("host_stays_out_of_reach", any_container, put("ipcMode", "shareable")),
    Mutation("host_stays_out_of_reach", service, put("networkMode", "host")),
    Mutation("host_stays_out_of_reach", service, put("networkMode", "container:atlas-local-postgres")),
    Mutation("host_stays_out_of_reach", any_container, put("privileged", True)),
    Mutation("host_stays_out_of_reach", any_container, put("devices", [{"hostPath": "/dev/kvm"}])),
    Mutation("host_stays_out_of_reach", any_container, put("gpus", "all")),
    Mutation("host_stays_out_of_reach", any_container, put("groupAdds", ["docker"])),
    Mutation("host_stays_out_of_reach", any_container, put("sysctls", {"net.ipv4.ip_forward": "1"})),
    Mutation(
        "host_stays_out_of_reach", any_container, put("mounts", [{"type": "bind", "source": "/", "target": "/host"}])
    ),
    Mutation("host_stays_out_of_reach", mounting, put("volumes", 0, "hostPath", "/etc")),
    Mutation("host_stays_out_of_reach", mounting, put("volumes", 0, "fromContainer", "atlas-local-postgres")),
    Mutation("host_stays_out_of_reach", mounting, put("volumes", 0, "containerPath", "/var/run/docker.sock")),
    Mutation("one_private_network", service, drop("networksAdvanced")),
    Mutation("one_private_network", service, put("networksAdvanced", 0, "name", "bridge")),
    Mutation("one_private_network", service, put("networksAdvanced", 0, "aliases", ["db"])),
    Mutation("one_private_network", service, lambda it: it["inputs"]["networksAdvanced"].append({"name": "other"})),
    Mutation("one_private_network", of_type(NETWORK), put("driver", "macvlan")),
    Mutation("one_private_network", of_type(NETWORK), put("attachable", True)),
    *(Mutation("seeds_never_run", seed, drop(key)) for key in ("start", "mustRun", "networkMode", "restart")),
    *(Mutation("seeds_never_run", seed, put(key, True)) for key in ("start", "mustRun")),
    Mutation("seeds_never_run", seed, put("restart", "always")),
    Mutation("seeds_never_run", seed, put("entrypoints", ["sh"])),
    Mutation("seeds_never_run", seed, put("command", ["sleep", "1d"])),
    Mutation("seeds_never_run", seed, put("envs", ["MODE=serve"])),
    Mutation("seeds_never_run", seed, put("healthcheck", {"tests": ["CMD", "true"]})),
    Mutation("seeds_never_run", seed, put("networksAdvanced", [{"name": "atlas-local"}])),
    Mutation("seeds_never_run", seed_on_loopback, put("ports", [{"ip": "127.0.0.1", "external": 49999.0}])),
    *(
        Mutation("everything_is_labelled", of_type(type_), relabel("atlas.stack", value))
        for type_ in (CONTAINER, VOLUME, NETWORK)
        for value in (None, "another")
    ),
    *(Mutation("everything_is_labelled", of, relabel("atlas.service", None)) for of in (seed, of_type(VOLUME))),
    *(Mutation("everything_is_labelled", service, relabel("atlas.role", role)) for role in (None, "job")),
    *(Mutation("names_tell_stacks_apart", any_container, put("name", name)) for name in ("atlas-another-redis", "db")),
    Mutation("names_tell_stacks_apart", volume("data"), put("name", "data"), also="volumes_are_not_shared"),
    Mutation("names_tell_stacks_apart", of_type(NETWORK), put("name", "atlas"), also="one_private_network"),
    Mutation("names_tell_stacks_apart", any_container, drop("name")),
    *(
        Mutation("images_are_pinned", of_type(PULLED_IMAGE), put("name", name))
        for name in (
            "redis",
            "redis:latest",
            "redis:stable",
            "registry.example.com:5000/redis",
            "registry.example.com:5000/redis:",
            "redis@sha256:abc",
        )
    ),
    *(
        Mutation("images_are_pinned", of_type(BUILT_IMAGE), put("build", "args", "BASE", base))
        for base in ("debian", "debian:stable-slim", "debian:latest")
    ),
    Mutation("images_are_pinned", of_type(BUILT_IMAGE), drop("build", "args", "BASE")),
    Mutation("images_are_built_from_the_program", of_type(BUILT_IMAGE), put("build", "context", "/")),
    Mutation(
        "images_are_built_from_the_program",
        of_type(BUILT_IMAGE),
        put("build", "context", "images/../.."),
    ),
    Mutation(
        "images_are_built_from_the_program",
        of_type(BUILT_IMAGE),
        put("build", "context", f"{stacks.PROGRAM}/images/postgres"),
    ),
    Mutation("images_are_built_from_the_program", of_type(BUILT_IMAGE), put("build", "dockerfile", "/tmp/Dockerfile")),  # noqa: S108
    Mutation("secrets_stay_in_seeds", has_secret_upload, lay_open),
    Mutation("secrets_stay_in_seeds", seed, put("uploads", 0, "file", {"secret": SECRET})),
    Mutation("secrets_stay_in_seeds", seed, put("volumes", 0, "content", {"secret": SECRET})),
    Mutation(
        "secrets_stay_in_seeds",
        service,
        put("uploads", [{"file": "/password", "content": {"secret": SECRET}}]),
        also="no_uploads_into_a_read_only_root",
    ),
    Mutation("secrets_stay_in_seeds", service, put("envs", [f"PASSWORD={SECRET}"])),
    Mutation("secrets_stay_in_seeds", service, put("envs", [HIDDEN])),
    Mutation("secrets_stay_in_seeds", service, put("command", ["--requirepass", {"secret": SECRET}])),
    Mutation("secrets_stay_in_seeds", service, put("entrypoints", ["sh", "-c", f"serve '{SECRET}'"])),
    Mutation("secrets_stay_in_seeds", service, put("healthcheck", "tests", ["CMD", "serve", "--ping", SECRET])),
    Mutation("secrets_stay_in_seeds", any_container, put("hostname", SECRET)),
    Mutation("secrets_stay_in_seeds", any_container, relabel("password", SECRET)),
    Mutation("secrets_stay_in_seeds", of_type(VOLUME), relabel(SECRET, "password")),
    Mutation("secrets_stay_in_seeds", of_type(BUILT_IMAGE), put("build", "args", "TOKEN", {"secret": SECRET})),
    Mutation("secrets_stay_in_seeds", service, put("envs", [{"secret": KEY.replace("\n", "\\n")}])),
    Mutation("secrets_stay_in_seeds", component, lambda it: it["outputs"].update(url=f"redis://atlas:{SECRET}@redis")),
    Mutation("secrets_are_mounted_read_only", seeded, put("volumes", 0, "readOnly", False)),
    Mutation("secrets_are_mounted_read_only", seeded, drop("volumes", 0, "readOnly")),
    Mutation("volumes_are_not_shared", any_container, mount(volumeName="somebody-elses")),
    Mutation("volumes_are_not_shared", any_container, mount()),
]

TRAP_MUTATIONS = [
    Mutation("capabilities_are_canonical", any_container, put("capabilities", "drops", ["ALL", "NET_RAW"])),
    Mutation(
        "capabilities_are_canonical",
        any_container,
        put("capabilities", "adds", ["CHOWN"]),
        also="capabilities_are_dropped",
    ),
    Mutation("no_uploads_into_a_read_only_root", seed, put("readOnly", True)),
    Mutation("no_uploads_into_a_read_only_root", service, put("uploads", [{"file": "/motd", "content": "hello"}])),
    *(
        Mutation("no_argument_is_empty", service, put(key, ["--save", ""]))
        for key in ("command", "entrypoints", "envs")
    ),
    Mutation("swap_is_named_with_memory", service, drop("memorySwap")),
    Mutation("swap_is_named_with_memory", service, put("memorySwap", -1.0)),
    *(Mutation("cores_are_canonical", service, put("cpus", cpus)) for cpus in ("1", "0.50", "01.0", "1.", ".5", 1.0)),
    Mutation("health_is_waited_for", service, drop("healthcheck")),
    Mutation("health_is_waited_for", service, put("healthcheck", "tests", ["NONE"])),
    Mutation("health_is_waited_for", service, put("healthcheck", "tests", ["CMD"])),
    Mutation("health_is_waited_for", service, put("healthcheck", "tests", ["healthy", "now"])),
    Mutation("health_is_waited_for", service, drop("healthcheck", "retries")),
    Mutation("health_is_waited_for", service, put("healthcheck", "retries", 0.0)),
    Mutation("health_is_waited_for", service, put("wait", False)),
    Mutation("health_is_waited_for", service, drop("waitTimeout")),
    Mutation("health_is_waited_for", service, put("waitTimeout", 119.0)),
    Mutation("durations_are_canonical", service, put("healthcheck", "startPeriod", "60s")),
    Mutation("durations_are_canonical", service, put("healthcheck", "interval", "0m5s")),
    Mutation("durations_are_canonical", service, put("healthcheck", "timeout", "5000ms")),
    Mutation("durations_are_canonical", service, put("healthcheck", "startInterval", "90s")),
    Mutation(
        "health_checks_tell_the_truth",
        service,
        put("healthcheck", "tests", ["CMD-SHELL", "exec 3<>/dev/tcp/127.0.0.1/5432"]),
    ),
    Mutation("health_checks_tell_the_truth", service, put("healthcheck", "tests", ["CMD", "redis-cli", "ping"])),
    Mutation("health_checks_tell_the_truth", service, put("healthcheck", "tests", ["CMD", "pg_isready"])),
    Mutation("services_may_stop_in_peace", service, drop("destroyGraceSeconds")),
    Mutation("services_may_stop_in_peace", service, put("destroyGraceSeconds", 9.0)),
    Mutation(
        "services_may_stop_in_peace",
        lambda it: service(it) and label(it, "atlas.service") == "postgres",
        put("destroyGraceSeconds", 59.0),
    ),
    Mutation("no_log_goes_into_state", any_container, put("logs", True)),
    Mutation("no_log_goes_into_state", any_container, put("attach", True)),
    Mutation("no_platform", any_container, put("platform", "linux/amd64")),
    Mutation("no_platform", of_type(BUILT_IMAGE), put("build", "platform", "linux/amd64")),
    Mutation("no_platform", of_type(PULLED_IMAGE), put("platform", "linux/amd64")),
    Mutation("images_are_kept", of_type(PULLED_IMAGE), drop("keepLocally")),
    Mutation("images_are_kept", of_type(PULLED_IMAGE), put("forceRemove", True)),
    Mutation("images_are_kept", of_type(PULLED_IMAGE), put("pullTriggers", ["sha256:…"])),
    Mutation("images_are_kept", of_type(BUILT_IMAGE), put("skipPush", False)),
    Mutation("images_are_kept", of_type(BUILT_IMAGE), put("registry", {"server": "registry.example.com"})),
    Mutation("images_are_named_by_id", any_container, put("image", "redis:8.0.3")),
    Mutation(
        "images_are_named_by_id",
        any_container,
        lambda it: it.update(parent="urn:pulumi:local::atlas::atlas:service:Other::other"),
        also="components_own_their_parts",
    ),
    Mutation("data_outlives_its_container", volume("data"), option("protect", False)),
    Mutation("data_outlives_its_container", volume("data"), option("retain_on_delete", False)),
    Mutation("data_outlives_its_container", volume("data"), option("delete_before_replace", True)),
    Mutation("secrets_can_be_destroyed", volume("secrets"), option("protect", True)),
    Mutation("secrets_can_be_destroyed", volume("secrets"), option("retain_on_delete", True)),
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

MUTATIONS = [*SECURITY_MUTATIONS, *TRAP_MUTATIONS]
