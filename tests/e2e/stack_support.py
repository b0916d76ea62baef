"""A running stack of services, and what the end-to-end tests do with it."""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
import socket
import string
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PROJECT = Path(__file__).resolve().parents[2]
SERVICES = {"postgres", "redis", "object-store", "marquez", "marquez-web"}
# Stack settings for a machine that can't pull the published images, as JSON: {"redis": {"image": {"build": …}}}
GIVEN_SETTINGS = "ATLAS_E2E_SETTINGS"
PATIENCE_S = 180
T = TypeVar("T")


@dataclass
class Stack:
    """A stack whose containers run.

    Attributes:
        name: of the stack.
        home: a directory of the test's, where everything about the stack lies.
        environment: variables for `atlas`, dbt and Pulumi.
        outputs: the stack's, decrypted.
        secrets: every secret's text, also of those that were rotated away.
        services: the services that run in containers.
        project: the clone whose program makes the stack.
        found: what the engine held before.
    """

    name: str
    home: Path
    environment: dict[str, str] = field(repr=False)
    outputs: dict[str, Any] = field(repr=False)
    secrets: set[str] = field(repr=False)
    services: set[str] = field(default_factory=lambda: set(SERVICES))
    project: Path = PROJECT
    found: dict[str, set[str]] = field(default_factory=dict)

    @property
    def watched(self) -> Path:
        """Where the logs of all containers lie, of those that are gone, too."""
        return self.home / "watched"

    def dbt_places(self) -> dict[str, str]:
        """Variables that keep what dbt writes with the stack."""
        return {"DBT_TARGET_PATH": str(self.home / "dbt" / "target"), "DBT_LOG_PATH": str(self.home / "dbt" / "logs")}

    def container(self, service: str) -> str:
        """A service's container, by name."""
        return f"atlas-{self.name}-{service}"

    def identities(self) -> dict[str, str]:
        """Ids of all containers, seeds included, by name."""
        lines = docker("ps", "-aq", "--no-trunc", "--filter", f"label=atlas.stack={self.name}").split()
        return {inspect(one)["Name"].removeprefix(f"/atlas-{self.name}-"): one for one in lines}

    def run(self, *command: str, ok: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of the project's, by the stack's variables."""
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        if ok:
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done


def require(*tools: str) -> None:
    """Skip the test where a tool is missing, or fail it where ATLAS_REQUIRE asks for these tests."""
    if missing := [tool for tool in tools if not _is_usable(tool)]:
        lack(f"needs {', '.join(missing)}")


def lack(reason: str) -> NoReturn:
    """Skip the test, or fail it where ATLAS_REQUIRE asks for all of them."""
    if "e2e" in os.environ.get("ATLAS_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


def _is_usable(tool: str) -> bool:
    if shutil.which(tool) is None:
        return False
    probe = {"docker": ["docker", "version"], "pulumi": ["pulumi", "version"]}[tool]
    return subprocess.run(probe, capture_output=True, check=False, timeout=60).returncode == 0


def docker(*arguments: str, ok: bool = True, stdin: bytes | None = None) -> str:
    """Run the docker client; its output, standard error included."""
    done = subprocess.run(
        ["docker", *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=1800
    )
    text = done.stdout.decode(errors="replace")
    if ok:
        assert done.returncode == 0, text[-4000:]
    return text.strip()


def copy_into(container: str, files: Mapping[str, tuple[str, int]]) -> None:
    """Copy files into a container or the volumes that it mounts, by path, each with its text and mode."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path, (text, mode) in files.items():
            info = tarfile.TarInfo(path.lstrip("/"))
            info.size, info.mode = len(text.encode()), mode
            archive.addfile(info, io.BytesIO(text.encode()))
    docker("cp", "-", f"{container}:/", stdin=content.getvalue())


def inspect(container: str) -> dict[str, Any]:
    """What the engine says of a container."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", "--type", "container", container))
    return found[0]


def wait_healthy(containers: Iterable[str]) -> None:
    """Wait until each container's health check says so."""
    end = time.monotonic() + PATIENCE_S
    waiting = set(containers)
    while waiting:
        waiting = {one for one in waiting if inspect(one)["State"].get("Health", {}).get("Status") != "healthy"}
        if waiting and time.monotonic() > end:
            pytest.fail(
                "not healthy: " + "\n".join(f"{one}:\n{docker('logs', '--tail', '20', one)}" for one in waiting)
            )
        time.sleep(0.5)


def retried(action: Callable[[], T], patience_s: float = 30) -> T:
    """Try until it works: a service that was just restarted may refuse a client that was connected before."""
    end = time.monotonic() + patience_s
    while True:
        try:
            return action()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody holds now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def stack_settings() -> dict[str, Any]:
    """Settings of a throwaway stack: ports that are free, and what the machine's environment adds."""
    ports = iter(free_ports(5))
    settings: dict[str, Any] = {
        "postgres": {"port": next(ports)},
        "redis": {"port": next(ports)},
        "objectStore": {"port": next(ports), "retentionDays": 1},
        "marquez": {"port": next(ports), "webPort": next(ports)},
    }
    for service, given in json.loads(os.environ.get(GIVEN_SETTINGS, "{}")).items():
        settings[service] = settings.get(service, {}) | given
    return settings


def throwaway_name() -> str:
    """A name for a stack that no other stack of this engine has."""
    return "e2e-" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))


def clone(directory: Path) -> Path:
    """A copy of the project, for tests that write what a user would into its stacks' files."""
    passed_over = shutil.ignore_patterns(".git", ".venv", "__pycache__", "target", "logs", ".*_cache", ".hypothesis")
    shutil.copytree(PROJECT, directory, ignore=passed_over)
    (directory / ".venv").symlink_to(Path(sys.prefix))
    return directory


def program(name: str) -> str:
    """A program of the environment that the tests run in."""
    return str(Path(sys.executable).with_name(name))
