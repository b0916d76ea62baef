"""The containers alone: what the program declares, made on a Docker engine by the test, without Pulumi's command.

The program is loaded under Pulumi's mocks; each image, volume, network and container that it asks for is then made by
the docker client with the same settings (``declared_containers``).
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import pytest
import service_checks as checks
from declared_containers import (
    BUILT_IMAGE,
    CONTAINER,
    NETWORK,
    PULLED_IMAGE,
    VOLUME,
    Inputs,
    build_command,
    container_command,
    options,
    recorded,
    require_known,
    role,
)
from engine_watch import on_engine, watched
from stack_support import PROJECT, Stack, copy_into, docker, lack, require, throwaway_name, wait_healthy

from atlas.stacks.place import Place
from atlas.stacks.variables import private_files, variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", name="stack")
def fixture_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack's containers, started by the docker client; at the end the engine is as it was."""
    require("docker")
    name = throwaway_name()
    resources, outputs, secrets = recorded(name)
    home = tmp_path_factory.mktemp("stack")
    place = Place(name, PROJECT / "infra", home / "private", home / "state")
    place.directory.mkdir()
    for file, text in private_files(outputs).items():
        (place.directory / file).write_text(text)
        (place.directory / file).chmod(0o600)
    stack = Stack(name, home, os.environ | variables(outputs, place.directory), outputs, secrets)
    stack.environment |= {"ATLAS_PROJECT": str(PROJECT), "DBT_PROFILES_DIR": str(PROJECT / "profiles")}
    stack.environment |= {"ATLAS_HOME": str(home / "home"), **stack.dbt_places()}
    before = on_engine(name)
    with contextlib.ExitStack() as made:
        made.enter_context(watched(name, stack.watched))
        stack.services = {one["inputs"]["hostname"] for one in resources if role(one) == "service"}
        start(resources, made)
        yield stack
    assert on_engine(name) == before


def start(resources: list[dict[str, Any]], made: contextlib.ExitStack) -> None:
    """Make everything in its order; ``made`` gets the commands that remove it."""
    images: dict[str, str] = {}
    for resource in resources:
        inputs, kind = resource["inputs"], resource["type"]
        if kind == NETWORK:
            docker("network", "create", *options(kind, inputs), inputs["name"])
            made.callback(docker, "network", "rm", inputs["name"], ok=False)
        elif kind == VOLUME:
            docker("volume", "create", *options(kind, inputs), inputs["name"])
            made.callback(docker, "volume", "rm", inputs["name"], ok=False)
        elif kind == PULLED_IMAGE:
            options(kind, inputs)
            if docker("image", "ls", "-q", inputs["name"]) == "":
                docker("pull", "--quiet", inputs["name"])
            images[resource["answer"]["imageId"]] = inputs["name"]
        elif kind == BUILT_IMAGE:
            docker(*build_command(inputs))
            images[resource["answer"]["repoDigest"]] = inputs["imageName"]
    containers = [resource for resource in resources if resource["type"] == CONTAINER]
    for resource in sorted(containers, key=lambda one: (role(one) != "seed", one["name"].startswith("marquez"))):
        inputs = resource["inputs"]
        docker(*container_command(inputs, images[inputs["image"]]))
        made.callback(docker, "rm", "--force", "--volumes", inputs["name"], ok=False)
        if inputs.get("uploads"):
            fill(inputs)
        if inputs.get("start", True):
            docker("start", inputs["name"])
            wait_healthy([inputs["name"]])


def fill(inputs: Inputs) -> None:
    """Copy a seed's files into its volume."""
    files = {}
    for upload in inputs["uploads"]:
        require_known("an upload", upload, {"file", "content", "permissions"})
        text = upload["content"]["secret"] if isinstance(upload["content"], dict) else upload["content"]
        files[upload["file"]] = (text, int(upload["permissions"], 8))
    copy_into(inputs["name"], files)


def test_the_main_job_runs_on_them(stack: Stack) -> None:
    checks.check_main_job(stack)


def test_unmasked_reads_are_on_record(stack: Stack) -> None:
    checks.check_reads(stack)


def test_postgres_takes_verified_tls_and_passwords_only(stack: Stack, tmp_path: Path) -> None:
    checks.check_postgres(stack, tmp_path)


def test_redis_asks_for_a_password(stack: Stack) -> None:
    checks.check_redis(stack)


def test_the_archive_is_locked_but_for_lawful_erasure(stack: Stack) -> None:
    checks.check_object_store(stack)


def test_marquez_keeps_lineage(stack: Stack) -> None:
    if "marquez" not in stack.services:
        lack("the settings given make Marquez external")
    checks.check_marquez(stack)


def test_containers_are_confined(stack: Stack) -> None:
    checks.check_confinement(stack)


def test_data_survives_restarts_and_kills(stack: Stack) -> None:
    job = checks.check_marquez(stack) if "marquez" in stack.services else None
    checks.check_data_survives_restarts(stack, job)


def test_no_secret_shows_anywhere(stack: Stack) -> None:
    checks.check_no_leak(stack)
