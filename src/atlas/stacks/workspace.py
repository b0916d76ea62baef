"""Pulumi on a stack: found, configured, called. A thin layer over its Automation API."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import yaml

from atlas.errors import ServiceError, UsageError
from atlas.stacks.place import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi.automation import Stack

    from atlas.stacks.place import Place

PROJECT = "atlas"
# The first that takes its configuration file from a variable.
OLDEST = (3, 208)
PROVIDER = ("docker", "5.2.0")
GUIDE = "docs/guides/provisioning.md says how"
# sdk-v2/provider2.go:571: sdk.helper_schema: … : provider=docker@5.2.0
WRAPPING = re.compile(r"^\S+\.go:\d+: sdk\.helper_schema: |: provider=\S+$")
QUIET = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    # Nothing is downloaded without being asked.
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
}
# `atlas env` sets these for one stack, and any may be at work here. Pulumi takes an empty variable for none.
NO_OTHER_STACK = dict.fromkeys(
    ("PULUMI_STACK", "PULUMI_OPTION_STACK", "PULUMI_OPTION_CONFIG_FILE", "PULUMI_CONFIG_PASSPHRASE_FILE"), ""
)


def require_pulumi() -> None:
    """Make sure that Pulumi's command and Python packages are there.

    Raises:
        ServiceError: says what is missing, or too old.
    """
    try:
        import cryptography  # noqa: F401, PLC0415
        import pulumi.automation  # noqa: F401, PLC0415 - it takes half a second
        import pulumi_docker  # noqa: F401, PLC0415
    except ImportError as error:
        raise ServiceError(
            f"The Python package {error.name} isn't installed. Install it: pip install 'atlas-data-platform[infra]'"
        ) from None
    if shutil.which("pulumi") is None:
        raise ServiceError(f"There is no pulumi command on the PATH. Install Pulumi's command line; {GUIDE}.")
    done = subprocess.run(["pulumi", "version"], check=False, capture_output=True, text=True)
    found = re.match(r"v?(\d+)\.(\d+)\.", done.stdout.strip())
    if done.returncode != 0 or found is None:
        raise ServiceError(f"The pulumi command doesn't work: {reason_of(done.stderr)}")
    if (int(found[1]), int(found[2])) < OLDEST:
        # It would put a new stack's secrets into the committed file.
        raise ServiceError(f"Pulumi's command line is {done.stdout.strip()}, older than v3.208. Upgrade it; {GUIDE}.")


def require_provider(place: Place) -> None:
    """Make sure that Pulumi's Docker provider is there: Pulumi would download it unasked.

    Raises:
        ServiceError: it isn't; says what to type.
    """
    name, version = PROVIDER
    listed = _pulumi(place, "plugin", "ls")
    if not any(line.split()[:3] == [name, "resource", version] for line in listed.splitlines()):
        raise ServiceError(
            f"Pulumi's Docker provider {version} isn't installed. Install it: "
            f"pulumi plugin install resource {name} {version}"
        )


def select(place: Place) -> Stack:
    """The stack, which must be there.

    Raises:
        UsageError: it isn't.
    """
    if (stack := find(place)) is None:
        made = f"atlas up --stack {place.stack}{_elsewhere()}"
        raise UsageError(f"There is no stack {place.stack} yet. Make it: {made}")
    return stack


def find(place: Place) -> Stack | None:
    """The stack, if there is one; nothing is made or written."""
    from pulumi import automation  # noqa: PLC0415

    if _keeps_state_here() and not place.state.is_dir():
        return None
    with complaints(place):
        try:
            return automation.select_stack(
                place.stack,
                work_dir=str(place.program),
                opts=automation.LocalWorkspaceOptions(env_vars=_environment(place)),
            )
        except automation.StackNotFoundError:
            return None


def create(place: Place) -> Stack:
    """Make the stack, with a passphrase of its own.

    Pulumi writes what a new stack's secrets are locked with beside the project it finds; so it is made from the stack's
    private directory, or the committed file in ``infra/`` would get it.
    """
    from pulumi import automation  # noqa: PLC0415

    given = "PULUMI_CONFIG_PASSPHRASE" in os.environ or "PULUMI_CONFIG_PASSPHRASE_FILE" in place.pulumi_variables()
    if not place.passphrase_file.exists() and not given:
        write_private(place.passphrase_file, secrets.token_urlsafe(32))
    project = place.directory / "Pulumi.yaml"
    write_private(project, yaml.safe_dump({"name": PROJECT, "runtime": "python"}))
    if _keeps_state_here():
        place.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with complaints(place):
        automation.create_stack(
            place.stack,
            work_dir=str(place.directory),
            opts=automation.LocalWorkspaceOptions(env_vars=_environment(place)),
        )
    place.config_file.chmod(0o600)
    return select(place)


class Configuration(NamedTuple):
    """A stack's configuration by full key, decrypted, without the committed file's settings.

    Attributes:
        values: all of it.
        secret: the keys whose values Pulumi keeps encrypted.
    """

    values: dict[str, str]
    secret: frozenset[str]


def configuration(stack: Stack, place: Place) -> Configuration:
    """What Pulumi's configuration of the stack holds."""
    with complaints(place):
        found = stack.get_all_config()
    return Configuration(
        {key: value.value for key, value in found.items()},
        frozenset(key for key, value in found.items() if value.secret),
    )


def set_value(place: Place, key: str, value: str, *, secret: bool) -> None:
    """Set one value. It goes by standard input: arguments of a process are everyone's to read.

    On a stack that plain Pulumi made it goes where Pulumi keeps the others, into ``infra/Pulumi.<stack>.yaml``.
    """
    options = ["--secret"] if secret else ["--plaintext"]
    _pulumi(place, "config", "set", "--stack", place.stack, *options, "--path", key, input_text=value)


def _elsewhere() -> str:
    """For a stack that plain Pulumi made: where to have it looked for."""
    return " (or, if plain Pulumi made it elsewhere, set PULUMI_BACKEND_URL)" if _keeps_state_here() else ""


def _keeps_state_here() -> bool:
    return not os.environ.get("PULUMI_BACKEND_URL")


def _environment(place: Place) -> dict[str, str]:
    return {**QUIET, **NO_OTHER_STACK, **place.pulumi_variables()}


def _pulumi(place: Place, *arguments: str, input_text: str | None = None) -> str:
    done = subprocess.run(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        check=False,
        cwd=place.program,
        env={**os.environ, **_environment(place)},
        input=input_text if input_text is not None else "",
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise ServiceError(f"Pulumi failed: {reason_of(done.stderr)}")
    return done.stdout


@contextlib.contextmanager
def complaints(place: Place) -> Iterator[None]:
    """Turn what Pulumi's command says of a failure into one sentence of ours."""
    from pulumi.automation import CommandError  # noqa: PLC0415

    try:
        yield
    except CommandError as error:
        text = str(error)
        if "passphrase" in text and "incorrect" in text:
            raise ServiceError(
                f"The passphrase of stack {place.stack} is wrong: {place.passphrase_file} or "
                "PULUMI_CONFIG_PASSPHRASE doesn't open its secrets."
            ) from None
        if "locked" in text and "pulumi cancel" in text:
            raise ServiceError(
                f"Another update of stack {place.stack} is under way, or one was killed. If none is: "
                f'eval "$(atlas env --stack {place.stack})" && pulumi cancel --stack {place.stack} -C infra'
            ) from None
        raise ServiceError(f"Pulumi failed: {reason_of(text)}") from None


def reason_of(text: str) -> str:
    """The sentence in Pulumi's output that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    return (errors or lines or ["it says nothing"])[-1]


def sentences(message: str) -> list[str]:
    """What a diagnostic of Pulumi's says, without what its layers wrap around it."""
    stripped = (WRAPPING.sub("", line.strip(" \t*")) for line in message.splitlines())
    return [line for line in stripped if line and not re.fullmatch(r"\d+ errors? occurred:|update failed", line)]


def remove(place: Place) -> None:
    """Forget an empty stack, its secrets included."""
    from pulumi import automation  # noqa: PLC0415

    own = place.config_file.exists()
    if not own:
        _pulumi(place, "config", "rm", "--stack", place.stack, "atlas:keepData")
    with complaints(place):
        # What goes with a stack is the configuration file beside the project: ours, but never the repository's.
        directory = place.directory if own else place.program
        workspace = automation.LocalWorkspace(work_dir=str(directory), env_vars=_environment(place))
        workspace.remove_stack(place.stack, preserve_config=not own)
    shutil.rmtree(place.directory, ignore_errors=True)
