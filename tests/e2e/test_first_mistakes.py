"""What a new user gets wrong, on the real command line: a sentence, an exit code, and nothing left behind."""

from __future__ import annotations

import os
import re
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from engine_watch import on_engine
from pulumi_support import bare_environment
from stack_support import Stack, clone, program, require, stack_settings, throwaway_name

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module", name="project")
def fixture_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone, whose stacks' files the tests write."""
    return clone(tmp_path_factory.mktemp("mistakes") / "clone")


@pytest.fixture(name="user")
def fixture_user(project: Path, tmp_path: Path) -> Iterator[Stack]:
    """Somebody who has never used Atlas here; at the end there must be nothing that wasn't there before."""
    require("docker", "pulumi")
    name = throwaway_name()
    user = Stack(name, tmp_path, bare_environment(), {}, set(), project=project)
    user.environment |= {"ATLAS_HOME": str(tmp_path / "home"), "ATLAS_PROJECT": str(project)}
    before = on_engine(name)
    yield user
    assert not (tmp_path / "home").exists()
    (project / "infra" / f"Pulumi.{name}.yaml").unlink(missing_ok=True)
    assert on_engine(name) == before


def up(user: Stack, **settings: dict[str, object]) -> subprocess.CompletedProcess[str]:
    """Type `atlas up` with a stack's file that holds these settings, on ports that are free otherwise."""
    free = stack_settings()
    # Settings of a container mean nothing to a service that is run elsewhere.
    merged = {service: given if "mode" in given else free[service] | given for service, given in settings.items()}
    config = {f"atlas:{key}": value for key, value in (free | merged).items()}
    (user.project / "infra" / f"Pulumi.{user.name}.yaml").write_text(yaml.safe_dump({"config": config}))
    return user.run(program("atlas"), "up", "--stack", user.name, ok=False)


def told(done: subprocess.CompletedProcess[str], exit_code: int, *parts: str) -> None:
    """Whether it was refused in words: no traceback, no more than a few lines."""
    assert done.returncode == exit_code, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 3
    for part in parts:
        assert part in done.stderr


@pytest.mark.parametrize("port", [80, 70_000, -1, "http", 15432.5, None, [15432]])
def test_a_port_that_is_none(user: Stack, port: object) -> None:
    told(up(user, postgres={"port": port}), 2, "atlas:postgres.port")


def test_a_port_for_two_services(user: Stack) -> None:
    done = up(user, postgres={"port": 25432}, redis={"port": 25432})
    told(done, 2, "atlas:postgres.port", "atlas:redis.port", "25432")


def test_a_port_that_another_program_has(user: Stack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told(up(user, redis={"port": port}), 2, f"atlas:redis.port is {port}", "in use")


def test_a_setting_that_is_misspelled(user: Stack) -> None:
    told(up(user, postgres={"prot": 25432}), 2, "atlas:postgres.prot isn't a setting")


def test_a_secret_that_somebody_else_has_to_give(user: Stack) -> None:
    done = up(
        user,
        postgres={"mode": "external", "host": "db.example.com"},
        marquez={"mode": "external", "endpoint": "http://marquez.example.com:5000"},
    )
    told(done, 2, f"Stack {user.name} lacks atlas:postgresPassword")
    # What it says to type is typed.
    (entering,) = re.findall(r"first: (.*)\)\.$", done.stderr, re.MULTILINE)
    (setting,) = re.findall(r"Set each: (.*) \(for", done.stderr)
    user.environment["PATH"] = f"{Path(program('atlas')).parent}:{user.environment['PATH']}"
    user.run("sh", "-c", f"{entering} && {setting}", stdin="kR7-mQ2x_Lw9zT4v")
    user.run(program("atlas"), "up", "--stack", user.name, "--init-only")
    # That much is the stack's own and is to stay: only what others give was missing.
    assert (user.home / "home" / "stacks" / user.name / "passphrase").exists()
    shutil.rmtree(user.home / "home")


def test_docker_that_does_not_run(user: Stack) -> None:
    user.environment["DOCKER_HOST"] = "unix:///nonexistent/docker.sock"
    told(up(user), 3, "No Docker engine answers", "Start it")


def test_a_machine_without_docker(user: Stack) -> None:
    user.environment["PATH"] = str(linked(user, "pulumi", "pulumi-language-python", "pulumi-language-python-exec"))
    told(up(user), 3, "There is no docker command on the PATH.")


def test_a_machine_without_pulumi(user: Stack) -> None:
    user.environment["PATH"] = str(linked(user, "docker"))
    told(up(user), 3, "There is no pulumi command on the PATH.")


def linked(user: Stack, *programs: str) -> Path:
    """A directory with these programs and Python alone, for a PATH."""
    directory = user.home / "bin"
    directory.mkdir()
    (directory / "python3").symlink_to(program("python"))
    for name in programs:
        found = shutil.which(name, path=os.environ["PATH"])
        assert found is not None
        (directory / name).symlink_to(found)
    return directory


def test_down_and_env_of_a_stack_that_is_not_there(user: Stack) -> None:
    for command in ("down", "env"):
        done = user.run(program("atlas"), command, "--stack", user.name, ok=False)
        told(done, 2, f"There is no stack {user.name} yet.", f"atlas up --stack {user.name}")
