"""Ask the Docker engine itself how a stack's containers are.

Pulumi waits for health only while it creates a container; later it calls an unhealthy one a success.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

PATIENCE_S = 120.0
LAST_LINES = 20
LOOK_EVERY_S = 2.0
MANY_RESTARTS = 3


@dataclass(frozen=True)
class Sick:
    """A container that isn't healthy: how it is, and the last it said."""

    container: str
    state: str
    log: str


def docker(*arguments: str, host: str | None = None) -> str:
    """Run the docker client.

    Raises:
        ServiceError: there is none, no engine answers, or it refuses; says what and where to read on.
    """
    environment = dict(os.environ) | ({"DOCKER_HOST": host} if host else {})
    try:
        done = subprocess.run(["docker", *arguments], check=False, capture_output=True, text=True, env=environment)
    except FileNotFoundError:
        raise ServiceError(
            "There is no docker command on the PATH. Install Docker, then see docs/guides/provisioning.md."
        ) from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        reason = lines[0].removeprefix("Error response from daemon: ") if lines else f"exit code {done.returncode}"
        if arguments[0] == "version":
            reason = reason.removesuffix(" Is the docker daemon running?").rstrip(".")
            raise ServiceError(
                f"No Docker engine answers: {reason}. Start it, or name another by DOCKER_HOST or the "
                "setting atlas:docker.host; docs/guides/provisioning.md says how."
            )
        raise ServiceError(f"Docker refused: {reason}")
    return done.stdout


def require_engine(host: str | None) -> None:
    """Make sure that an engine answers.

    Raises:
        ServiceError: none does.
    """
    docker("version", "--format", "{{.Server.Version}}", host=host)


def sick_containers(names: Collection[str], host: str | None, patience_s: float = PATIENCE_S) -> list[Sick]:
    """Those of the containers that aren't healthy, after those that are starting had time to."""
    end = time.monotonic() + patience_s
    while True:
        states = {name: _state(name, host) for name in sorted(names)}
        if "starting" not in states.values() or time.monotonic() > end:
            break
        time.sleep(1)
    return [
        Sick(name, state, _last_lines(name, host) if state != "missing" else "")
        for name, state in states.items()
        if state != "healthy"
    ]


@contextlib.contextmanager
def restarts_told(stack: str, host: str | None, say: Callable[[str], None]) -> Iterator[None]:
    """Meanwhile, say it once of each of a stack's containers that crashes over and over.

    Pulumi waits minutes for the health of such a one, and is silent.
    """
    ended = threading.Event()
    first: dict[str, int] = {}  # the engine counts all of a container's life

    def look() -> None:
        for found, name in containers(stack, host, "service").items():
            count = int(docker("inspect", "--format", "{{.RestartCount}}", found, host=host))
            if count - first.setdefault(found, count) >= MANY_RESTARTS:
                first[found] = sys.maxsize
                lines = _last_lines(found, host).splitlines()
                say(f"  container {name} crashes over and over; the last it said: {lines[-1] if lines else 'nothing'}")

    def watch() -> None:
        while not ended.wait(LOOK_EVERY_S):
            # One may be removed between two questions; what is wrong for good, the update itself will say.
            with contextlib.suppress(ServiceError):
                look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _state(name: str, host: str | None) -> str:
    try:
        found: list[dict[str, Any]] = json.loads(docker("inspect", "--type", "container", name, host=host))
    except ServiceError as error:
        if "no such" in str(error).lower():
            return "missing"
        raise
    state: Mapping[str, Any] = found[0]["State"]
    for condition in ("Paused", "Restarting"):
        if state[condition]:
            return condition.lower()
    return str(state["Health"]["Status"] if state["Running"] and "Health" in state else state["Status"])


def _last_lines(name: str, host: str | None) -> str:
    environment = dict(os.environ) | ({"DOCKER_HOST": host} if host else {})
    # A container's standard error is the client's, too.
    done = subprocess.run(
        ["docker", "logs", "--tail", str(LAST_LINES), name],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    return done.stdout.rstrip()


def containers(stack: str, host: str | None, role: str | None = None) -> dict[str, str]:
    """Names of a stack's containers, running or not, by their ids; those of one role, if it is given."""
    labels = [f"atlas.stack={stack}", *([f"atlas.role={role}"] if role else [])]
    filters = [option for label in labels for option in ("--filter", f"label={label}")]
    options = ("--all", "--no-trunc", *filters, "--format", "{{.ID}} {{.Names}}")
    return dict(line.split(" ", 1) for line in docker("ps", *options, host=host).splitlines())


def networks(stack: str, host: str | None) -> dict[str, str]:
    """Names of a stack's networks by their ids."""
    options = ("--no-trunc", "--filter", f"label=atlas.stack={stack}", "--format", "{{.ID}} {{.Name}}")
    return dict(line.split(" ", 1) for line in docker("network", "ls", *options, host=host).splitlines())


def publishers(stack: str, host: str | None) -> str:
    """The ports that a stack's containers publish now, as the docker client lists them."""
    return docker("ps", "--filter", f"label=atlas.stack={stack}", "--format", "{{.Ports}}", host=host)
