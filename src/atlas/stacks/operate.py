"""Bring a stack up and down."""

from __future__ import annotations

import itertools
import os
import shlex
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atlas.errors import ServiceError, UsageError
from atlas.stacks import health, workspace
from atlas.stacks.variables import write_environment
from atlas.stacks.workspace import Configuration
from atlas_infra.checks import SettingsError, containers, is_remote, load, load_settings, published_ports
from atlas_infra.outputs import OUTPUTS

if TYPE_CHECKING:
    from pulumi.automation import EngineEvent, Stack

    from atlas.stacks.place import Place
    from atlas_infra.settings import Settings as StackSettings

Say = Callable[[str], None]
DONE = {"create": "created", "update": "updated", "replace": "replaced", "delete": "removed"}
# The history of updates is read after each; with secrets, that would write what unlocks them into infra/.
QUIETLY: dict[str, Any] = {"color": "never", "show_secrets": False}
BUILT = "docker:index/image:Image"
# Of a stack that isn't there yet.
NONE = Configuration({}, frozenset())
SHOWN = ("docker:index/container:Container", "docker:index/image:Image", "docker:index/volume:Volume")


class NotUpError(ServiceError):
    """A stack that is there, and has made nothing yet."""


@dataclass
class Progress:
    """Follows an update: says what was done, and remembers what went wrong.

    Attributes:
        say: takes a line for the user.
        changed: how many resources were made, changed or removed.
        errors: what Pulumi's diagnostics said, in order.
        keeps_data: whether volumes with data stay on the engine when the stack lets go of them.
    """

    say: Say
    changed: int = 0
    errors: list[str] = field(default_factory=list)
    keeps_data: bool = True

    def __call__(self, event: EngineEvent) -> None:
        """Take one of the engine's events."""
        if event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            self.errors.append(event.diagnostic_event.message.strip())
        if event.resource_pre_event is not None:
            step = event.resource_pre_event.metadata
            if step.type == BUILT and str(getattr(step.op, "value", step.op)) in {"create", "update", "replace"}:
                self.say(f"  building image {step.urn.rpartition('::')[2]}, which may take minutes")
        if event.res_outputs_event is not None:
            step = event.res_outputs_event.metadata
            done = DONE.get(str(getattr(step.op, "value", step.op)))
            if done is not None:
                self.changed += 1
                name = step.urn.rpartition("::")[2]
                if done == "removed" and self.keeps_data and name.endswith("-data"):
                    self.say(f"  kept volume {name}, which is no longer the stack's")
                elif step.type in SHOWN:
                    self.say(f"  {done} {step.type.rpartition(':')[2].lower()} {name}")


def up(place: Place, say: Say, *, init_only: bool = False) -> bool:
    """Make the stack if need be, complete its secrets, bring it up, check its health, write its variables.

    Args:
        place: of the stack.
        say: takes lines of progress.
        init_only: stop before anything runs, with the secrets in place.

    Returns:
        Whether anything on the engine was changed.

    Raises:
        UsageError: the settings are wrong; a port is taken.
        ServiceError: Pulumi or Docker is missing or failed; a container is sick.
    """
    _settings(place, NONE)
    workspace.require_pulumi()
    stack = workspace.find(place)
    if not init_only:
        # Before a secret is made or a file written: a failed check leaves nothing behind.
        _require_means(place, _settings(place, NONE if stack is None else workspace.configuration(stack, place)))
    if stack is None:
        stack = workspace.create(place)
    settings = _with_credentials(stack, place, say)
    if init_only:
        return False
    engine = settings.docker.host
    resources = _resources(stack, place)
    _require_let_go(place, settings, resources)
    _remove_strays(place, resources, engine, say)
    progress = Progress(say)
    try:
        with health.restarts_told(place.stack, engine, say):
            _run(place, progress, lambda: stack.up(refresh=True, on_event=progress, **QUIETLY))
    except ServiceError as error:
        # Mostly a container that never got healthy: what it said last tells why.
        sick = health.sick_containers(health.containers(place.stack, engine, "service").values(), engine, 0)
        raise ServiceError("\n".join([str(error), *map(_told, sick)])) from None
    _require_health(stack, place, engine)
    write_environment(outputs(stack, place), place)
    return progress.changed > 0


def down(place: Place, say: Say, *, delete_data: bool = False) -> None:
    """Remove the stack's containers; with ``delete_data`` also its volumes and the stack itself."""
    workspace.require_pulumi()
    workspace.require_provider(place)
    stack = workspace.select(place)
    settings = _settings(place, workspace.configuration(stack, place))
    health.require_engine(settings.docker.host)
    _remove_strays(place, _resources(stack, place), settings.docker.host, say)
    progress = Progress(say)
    _run(place, progress, lambda: stack.destroy(refresh=True, exclude_protected=True, on_event=progress, **QUIETLY))
    if not delete_data:
        return
    # Protection is part of what the stack declares, so what lifts it is an update, of the volumes alone.
    volumes = [resource["urn"] for resource in _resources(stack, place) if resource["type"] == SHOWN[2]]
    if volumes:
        workspace.set_value(place, "atlas:keepData", "false", secret=False)
        progress.keeps_data = False
        _run(place, progress, lambda: stack.up(target=volumes, on_event=progress, **QUIETLY))
        _run(place, progress, lambda: stack.destroy(on_event=progress, **QUIETLY))
    workspace.remove(place)


def outputs(stack: Stack, place: Place) -> dict[str, Any]:
    """The stack's outputs, decrypted.

    Raises:
        NotUpError: the stack isn't up.
        ServiceError: a program of another version brought it up, or Pulumi can't read its state.
    """
    with workspace.complaints(place):
        found = {name: output.value for name, output in stack.outputs().items()}
    if missing := [output.name for output in OUTPUTS if output.name not in found]:
        hint = f"Bring it up: atlas up --stack {place.stack}"
        if len(missing) == len(OUTPUTS):
            raise NotUpError(f"Stack {place.stack} isn't up. {hint}")
        raise ServiceError(f"Stack {place.stack} has no output {', '.join(missing)}. {hint}")
    # Numbers come back from Pulumi's state as floating point.
    return {output.name: output.type(found[output.name]) for output in OUTPUTS}


def _settings(place: Place, config: Configuration) -> StackSettings:
    values, secret = _namespaced(config)
    try:
        return load_settings(place.stack, values, place.program, secret)
    except SettingsError as error:
        raise UsageError(str(error)) from None


def _namespaced(config: Configuration) -> tuple[dict[str, str], set[str]]:
    values = {key.removeprefix("atlas:"): value for key, value in config.values.items() if key.startswith("atlas:")}
    return values, {key.removeprefix("atlas:") for key in config.secret}


def _with_credentials(stack: Stack, place: Place, say: Say) -> StackSettings:
    from atlas.stacks.credentials import missing_credentials  # noqa: PLC0415 - it needs what may not be installed

    known = workspace.configuration(stack, place)
    settings = _settings(place, known)
    added = missing_credentials(place.stack, settings, known.values)
    for key, (value, secret) in added.items():
        workspace.set_value(place, key, value, secret=secret)
    if added:
        held = place.config_file if place.config_file.exists() else place.program / place.config_file.name
        say(f"Made {len(added)} secrets and certificates of stack {place.stack}, in {held}.")
        known = workspace.configuration(stack, place)
    try:
        return load(place.stack, *_namespaced(known), place.program)
    except SettingsError as error:
        raise UsageError(str(error)) from None


def _require_means(place: Place, settings: StackSettings) -> None:
    workspace.require_provider(place)
    health.require_engine(settings.docker.host)
    _require_free_ports(place, settings)


def _require_free_ports(place: Place, settings: StackSettings) -> None:
    if is_remote(settings.docker.host or os.environ.get("DOCKER_HOST", "")):
        return  # another machine's ports can't be tried from here
    ours = health.publishers(place.stack, settings.docker.host)
    wanted = published_ports(settings)
    for name, (address, port) in wanted.items():
        if f":{port}->" in ours or (reason := _why_taken(address, port)) is None:
            continue
        known = {other for _, other in wanted.values()}
        others = itertools.chain(range(port + 1, 65536), range(1024, port))
        free = next(other for other in others if other not in known and _why_taken(address, other) is None)
        raise UsageError(
            f"{name} is {port}, but {address}:{port} can't be had: {reason}. Free it, or take another port: "
            f'atlas up --stack {place.stack} --init-only && eval "$(atlas env --stack {place.stack})" && '
            f"pulumi config set --path {name} {free} -C {shlex.quote(str(place.program))}"
        )


def _why_taken(address: str, port: int) -> str | None:
    """Why no program may listen there now; None if one may."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.strerror
    return None


def _require_let_go(place: Place, settings: StackSettings, resources: list[dict[str, Any]]) -> None:
    # Pulumi would stop half-way, with the containers gone.
    from atlas.stacks.credentials import ALIASES  # noqa: PLC0415 - it needs what may not be installed

    wanted = {f"{ALIASES[name]}-data" for name in containers(settings) if name in ALIASES}
    for resource in resources:
        urn, name = resource["urn"], resource["urn"].rpartition("::")[2]
        if resource["type"] == SHOWN[2] and resource.get("protect") and name not in wanted:
            raise UsageError(
                f"Stack {place.stack} still holds volume {name} of a service that its settings have run elsewhere. "
                "Once the data is copied, let go of it; the volume itself stays on the engine: "
                f'eval "$(atlas env --stack {place.stack})" && '
                f"pulumi state unprotect --yes {shlex.quote(urn)} -C {shlex.quote(str(place.program))}"
            )


def _remove_strays(place: Place, resources: list[dict[str, Any]], engine: str | None, say: Say) -> None:
    # An update that was killed, or a state that was lost, leaves containers and a network that the stack doesn't know
    # of, and their names would be taken. What they hold is in volumes, which the next ones mount.
    known = {resource.get("id") for resource in resources}
    for found, name in health.containers(place.stack, engine).items():
        if found not in known:
            health.docker("rm", "--force", "--volumes", found, host=engine)
            say(f"  removed container {name}, which an interrupted update had left")
    for found, name in health.networks(place.stack, engine).items():
        if found not in known:
            health.docker("network", "rm", found, host=engine)
            say(f"  removed network {name}, which an interrupted update had left")


def _run(place: Place, progress: Progress, action: Callable[[], object]) -> None:
    try:
        with workspace.complaints(place):
            action()
    except ServiceError:
        told = [line for message in progress.errors for line in workspace.sentences(message)]
        if told:
            raise ServiceError("Pulumi failed: " + "\n".join(dict.fromkeys(told))) from None
        raise


def _resources(stack: Stack, place: Place) -> list[dict[str, Any]]:
    with workspace.complaints(place):
        deployment = stack.export_stack().deployment or {}
    found: list[dict[str, Any]] = deployment.get("resources", [])
    return found


def _require_health(stack: Stack, place: Place, engine: str | None) -> None:
    names = [
        resource["inputs"]["name"]
        for resource in _resources(stack, place)
        if resource["type"] == SHOWN[0]
        and {"label": "atlas.role", "value": "service"}
        in [{"label": label["label"], "value": label["value"]} for label in resource["inputs"]["labels"]]
    ]
    sick = health.sick_containers(names, engine)
    if sick:
        raise ServiceError("\n".join(map(_told, sick)))


def _told(sick: health.Sick) -> str:
    return f"Container {sick.container} is {sick.state}. The last it said:\n{sick.log}"
