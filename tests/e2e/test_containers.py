"""The containers alone: what the program declares, made on a Docker engine by the test, without Pulumi's command.

The program is loaded under Pulumi's mocks; each image, volume, network and container that it asks for is then made by
the docker client with the same settings.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
import service_checks as checks
from stack_support import PROJECT, Stack, docker, require, stack_settings, throwaway_name, wait_healthy

from atlas.stacks.credentials import missing_credentials
from atlas.stacks.place import Place
from atlas.stacks.variables import private_files, variables
from atlas_infra.checks import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

RECORDER = PROJECT / "tests" / "infra" / "record.py"


@pytest.fixture(scope="module", name="stack")
def fixture_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack's containers, started by the docker client."""
    require("docker")
    name = throwaway_name()
    resources, outputs, secrets = recorded(name)
    home = tmp_path_factory.mktemp("stack")
    place = Place(name, PROJECT / "infra", home / "private", home / "state")
    place.directory.mkdir()
    for file, text in private_files(outputs).items():
        (place.directory / file).write_text(text)
        (place.directory / file).chmod(0o600)
    environment = os.environ | variables(outputs, place.directory) | {"ATLAS_PROJECT": str(PROJECT)}
    environment |= {"DBT_PROFILES_DIR": str(PROJECT / "profiles"), "ATLAS_HOME": str(home / "home")}
    stack = Stack(name, environment, outputs, secrets)
    made: list[tuple[str, ...]] = []
    try:
        start(resources, made)
        stack.services = {one["name"] for one in resources if role(one) == "service"}
        yield stack
    finally:
        for command in reversed(made):
            docker(*command, ok=False)


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


def role(resource: dict[str, Any]) -> str | None:
    """A container's role by its label; None for what is no container."""
    if resource["type"] != "docker:index/container:Container":
        return None
    return next(str(label["value"]) for label in resource["inputs"]["labels"] if label["label"] == "atlas.role")


def labels(inputs: dict[str, Any]) -> list[str]:
    """Labels as options of the docker client."""
    return [option for one in inputs["labels"] for option in ("--label", f"{one['label']}={one['value']}")]


def start(resources: list[dict[str, Any]], made: list[tuple[str, ...]]) -> None:
    """Make everything in its order; ``made`` gets the commands that remove it."""
    images: dict[str, str] = {}
    for resource in resources:
        inputs, kind = resource["inputs"], resource["type"]
        if kind == "docker:index/network:Network":
            docker("network", "create", *labels(inputs), inputs["name"])
            made.append(("network", "rm", inputs["name"]))
        elif kind == "docker:index/volume:Volume":
            docker("volume", "create", *labels(inputs), inputs["name"])
            made.append(("volume", "rm", inputs["name"]))
        elif kind == "docker:index/remoteImage:RemoteImage":
            if docker("image", "ls", "-q", inputs["name"]) == "":
                docker("pull", "--quiet", inputs["name"])
            images[resource["answer"]["imageId"]] = inputs["name"]
        elif kind == "docker:index/image:Image":
            build = inputs["build"]
            arguments = [
                option for name, value in build["args"].items() for option in ("--build-arg", f"{name}={value}")
            ]
            docker("build", "--quiet", "--tag", inputs["imageName"], *arguments, build["context"])
            images[resource["answer"]["repoDigest"]] = inputs["imageName"]
    containers = [resource for resource in resources if role(resource) is not None]
    for resource in sorted(containers, key=lambda one: (role(one) != "seed", one["name"].startswith("marquez"))):
        create(resource["inputs"], images)
        made.append(("rm", "--force", resource["inputs"]["name"]))
        if role(resource) == "seed":
            fill(resource["inputs"])
        else:
            docker("start", resource["inputs"]["name"])
            wait_healthy([resource["inputs"]["name"]])


def create(inputs: dict[str, Any], images: dict[str, str]) -> None:
    """One container, option by option as it is declared."""
    options = ["--name", inputs["name"], "--user", inputs["user"], *labels(inputs)]
    options += [option for one in inputs["capabilities"]["drops"] for option in ("--cap-drop", one)]
    options += [option for one in inputs["securityOpts"] for option in ("--security-opt", one)]
    for volume in inputs["volumes"]:
        mode = ":ro" if volume.get("readOnly") else ""
        options += ["--volume", f"{volume['volumeName']}:{volume['containerPath']}{mode}"]
    if "networkMode" in inputs:
        options += ["--network", inputs["networkMode"]]
    else:
        network = inputs["networksAdvanced"][0]
        options += ["--network", network["name"], *(f"--network-alias={alias}" for alias in network["aliases"])]
        options += service_options(inputs)
    entrypoints = inputs.get("entrypoints") or []
    if entrypoints:
        options += ["--entrypoint", entrypoints[0]]
    docker("create", *options, images[inputs["image"]], *entrypoints[1:], *(inputs.get("command") or []))


def service_options(inputs: dict[str, Any]) -> list[str]:
    """The options that only a container that runs has."""
    health = inputs["healthcheck"]
    command = health["tests"][1] if health["tests"][0] == "CMD-SHELL" else shell_line(health["tests"][1:])
    options = ["--read-only", "--hostname", inputs["hostname"], "--restart", inputs["restart"]]
    options += ["--memory", f"{inputs['memory']:.0f}m", "--memory-swap", f"{inputs['memorySwap']:.0f}m"]
    options += ["--cpus", inputs["cpus"], "--log-driver", inputs["logDriver"]]
    options += ["--health-cmd", command, "--health-interval", health["interval"], "--health-timeout", health["timeout"]]
    options += ["--health-retries", f"{health['retries']:.0f}", "--health-start-period", health["startPeriod"]]
    if inputs.get("shmSize"):
        options += ["--shm-size", f"{inputs['shmSize']:.0f}m"]
    options += [option for key, value in inputs["logOpts"].items() for option in ("--log-opt", f"{key}={value}")]
    options += [option for path, value in inputs["tmpfs"].items() for option in ("--tmpfs", f"{path}:{value}")]
    options += [option for one in inputs["envs"] for option in ("--env", one)]
    for port in inputs["ports"]:
        options += ["--publish", f"{port['ip']}:{port['external']:.0f}:{port['internal']:.0f}"]
    return options


def shell_line(arguments: list[str]) -> str:
    """A command of the kind CMD, for a client that only takes shell lines."""
    return " ".join("'" + argument.replace("'", "'\\''") + "'" for argument in arguments)


def fill(inputs: dict[str, Any]) -> None:
    """Copy a seed's files into its volume."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for upload in inputs["uploads"]:
            text = upload["content"]["secret"] if isinstance(upload["content"], dict) else upload["content"]
            info = tarfile.TarInfo(upload["file"].lstrip("/"))
            info.size, info.mode = len(text.encode()), int(upload["permissions"], 8)
            archive.addfile(info, io.BytesIO(text.encode()))
    docker("cp", "-", f"{inputs['name']}:/", stdin=content.getvalue())


def test_the_main_job_runs_on_them(stack: Stack) -> None:
    checks.check_main_job(stack)


def test_postgres_takes_verified_tls_and_passwords_only(stack: Stack, tmp_path: Path) -> None:
    checks.check_postgres(stack, tmp_path)


def test_redis_asks_for_a_password(stack: Stack) -> None:
    checks.check_redis(stack)


def test_the_archive_is_locked_but_for_lawful_erasure(stack: Stack) -> None:
    checks.check_object_store(stack)


def test_marquez_keeps_lineage(stack: Stack) -> None:
    if "marquez" not in stack.services:
        pytest.skip("Marquez is external by the settings given")
    checks.check_marquez(stack)


def test_containers_are_confined(stack: Stack) -> None:
    checks.check_confinement(stack)


def test_data_survives_restarts_and_kills(stack: Stack) -> None:
    job = checks.check_marquez(stack) if "marquez" in stack.services else None
    checks.check_data_survives_restarts(stack, job)


def test_no_secret_shows_anywhere(stack: Stack) -> None:
    checks.check_no_leak(stack)
