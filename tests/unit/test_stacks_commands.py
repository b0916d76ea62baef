"""`atlas up`, `down` and `env --stack` as somebody new meets them: wrong settings, or nothing is installed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from atlas.cli import main
from atlas.errors import ServiceError, UsageError
from atlas.settings import Settings
from atlas.stacks import health, workspace
from atlas.stacks.operate import _remove_strays, _require_free_ports, _require_let_go
from atlas.stacks.place import place_of
from atlas_infra.checks import load_settings

PROJECT = Path(__file__).parents[2]
ATLAS = Path(sys.executable).with_name("atlas")
GUIDE = "docs/guides/provisioning.md"


@pytest.fixture(name="project")
def fixture_project(tmp_path: Path) -> Path:
    """A project with a copy of the program, whose settings a test may spoil."""
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "infra", project / "infra", ignore=shutil.ignore_patterns("__pycache__"))
    (project / "dbt_project.yml").touch()
    return project


@pytest.fixture(name="environment")
def fixture_environment(tmp_path: Path, project: Path) -> dict[str, str]:
    """Of a user who has installed neither Pulumi nor Docker."""
    empty = tmp_path / "empty"
    empty.mkdir()
    return {
        "PATH": str(empty),
        "HOME": str(tmp_path),
        "ATLAS_HOME": str(tmp_path / "home"),
        "ATLAS_PROJECT": str(project),
        "NO_COLOR": "1",
    }


def run_program(
    environment: dict[str, str], *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The installed program, which takes a second to load."""
    done = subprocess.run([ATLAS, *arguments], env=environment, cwd=cwd, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def run(environment: dict[str, str], *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The same, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["atlas", *arguments])
        patch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as end:
            main()
    return subprocess.CompletedProcess(arguments, int(end.value.code or 0), out.getvalue(), err.getvalue())


def complaints(done: subprocess.CompletedProcess[str], exit_code: int) -> list[str]:
    """The sentences that a command ended with, which printed nothing else."""
    assert (done.returncode, done.stdout) == (exit_code, ""), done.stderr
    assert done.stderr.startswith("atlas: ")
    return done.stderr.removeprefix("atlas: ").splitlines()


def change(project: Path, stack: str, service: str, **settings: Any) -> None:
    path = project / "infra" / f"Pulumi.{stack}.yaml"
    content = yaml.safe_load(path.read_text())
    content["config"].setdefault(f"atlas:{service}", {}).update(settings)
    path.write_text(yaml.safe_dump(content))


@pytest.mark.parametrize("command", ["up", "up --init-only", "up --stack production", "down", "env --stack local"])
def test_without_pulumi(environment: dict[str, str], tmp_path: Path, command: str) -> None:
    (sentence,) = complaints(run(environment, *command.split()), 3)
    assert sentence.startswith("There is no pulumi command on the PATH. Install Pulumi's command line")
    assert GUIDE in sentence
    assert not (tmp_path / "home").exists()


def test_without_pulumi_as_installed(environment: dict[str, str]) -> None:
    assert run_program(environment, "up").stderr == run(environment, "up").stderr


@pytest.mark.parametrize("package", ["cryptography", "pulumi", "pulumi_docker"])
def test_without_the_python_packages(environment: dict[str, str], tmp_path: Path, package: str) -> None:
    # As if it weren't installed: this one is found first, and is none.
    module = tmp_path / "hidden" / f"{package}.py"
    module.parent.mkdir()
    module.write_text(f"raise ModuleNotFoundError('No module named {package}', name='{package}')\n")
    (sentence,) = complaints(run_program(environment | {"PYTHONPATH": str(module.parent)}, "up"), 3)
    assert f"The Python package {package} isn't installed" in sentence
    assert "atlas-data-platform[infra]" in sentence


def test_the_guide_is_there() -> None:
    assert (PROJECT / GUIDE).is_file()


@pytest.mark.parametrize("command", ["up", "down", "env"])
def test_a_name_that_is_none(environment: dict[str, str], command: str) -> None:
    (sentence,) = complaints(run(environment, command, "--stack", "../local"), 2)
    assert sentence == "'../local' can't be a stack's name. Take up to 31 of a-z, 0-9 and -, such as local."


def test_a_project_without_a_program(environment: dict[str, str], project: Path) -> None:
    shutil.rmtree(project / "infra")
    (sentence,) = complaints(run(environment, "up"), 2)
    assert sentence == f"There is no Pulumi program in {project / 'infra'}."


def test_outside_of_any_project(environment: dict[str, str], tmp_path: Path) -> None:
    del environment["ATLAS_PROJECT"]
    (sentence,) = complaints(run_program(environment, "up", cwd=tmp_path), 2)
    assert sentence.startswith("There is no dbt_project.yml in")


# What somebody writes into a stack's file, and what the sentence has to say.
MISTAKES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "a port out of range": ("redis", {"port": 70000}, ["atlas:redis.port", "65535"]),
    "a port twice": ("redis", {"port": 15432}, ["atlas:redis.port", "atlas:postgres.port", "15432"]),
    "an unknown key": ("redis", {"prot": 7000}, ["atlas:redis.prot isn't a setting"]),
    "a service elsewhere, without an address": ("redis", {"mode": "external"}, ["atlas:redis"]),
    "an image of nowhere": ("postgres", {"image": {"build": "images/pg"}}, ["atlas:postgres.image", "Dockerfile"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_wrong_settings_are_told_first(environment: dict[str, str], project: Path, mistake: str) -> None:
    service, settings, said = MISTAKES[mistake]
    change(project, "local", service, **settings)
    (sentence,) = complaints(run(environment, "up"), 2)
    assert [word for word in said if word not in sentence] == []
    assert sentence.endswith(".")


def test_all_that_is_wrong_is_told_at_once(environment: dict[str, str], project: Path) -> None:
    change(project, "staging", "redis", port=0)
    change(project, "staging", "postgres", memory=1)
    first, second = complaints(run(environment, "up", "--stack", "staging"), 2)
    assert {re.search(r"atlas:\w+\.\w+", sentence)[0] for sentence in (first, second)} == {  # type: ignore[index]
        "atlas:redis.port",
        "atlas:postgres.memory",
    }


def test_a_file_that_is_no_yaml(environment: dict[str, str], project: Path) -> None:
    path = project / "infra" / "Pulumi.local.yaml"
    path.write_text("config: [")
    assert complaints(run(environment, "up"), 2) == [f"{path} can't be read as a stack's settings."]


@pytest.mark.parametrize("typed", ["", "\n", "staging\n", "yes\n"])
def test_the_wrong_name_deletes_nothing(environment: dict[str, str], tmp_path: Path, typed: str) -> None:
    kept = tmp_path / "home" / "stacks" / "local"
    kept.mkdir(parents=True)
    (kept / "passphrase").write_text("open sesame")
    done = run(environment, "down", "--delete-data", typed=typed)
    assert "This deletes everything that stack local holds" in done.stderr
    if typed:
        assert done.returncode == 2
        assert done.stderr.endswith("atlas: That isn't the stack's name. Nothing was deleted.\n")
    else:
        assert done.returncode == 1  # nobody is there to answer
    assert (kept / "passphrase").read_text() == "open sesame"


def test_the_right_name_goes_on(environment: dict[str, str]) -> None:
    done = run(environment, "down", "--delete-data", typed="local\n")
    assert done.returncode == 3
    assert "There is no pulumi command" in done.stderr


def test_a_stack_that_nobody_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    with pytest.raises(UsageError) as caught:
        workspace.select(place_of("typo", Settings(tmp_path, None, None, PROJECT)))
    assert str(caught.value) == (
        "There is no stack typo yet. Make it: atlas up --stack typo "
        "(or, if plain Pulumi made it elsewhere, set PULUMI_BACKEND_URL)"
    )
    assert not list(tmp_path.iterdir())


def test_without_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceError) as caught:
        health.require_engine(None)
    assert str(caught.value) == f"There is no docker command on the PATH. Install Docker, then see {GUIDE}."


@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker command")
@pytest.mark.parametrize("host", ["unix:///nonexistent/docker.sock", "tcp://127.0.0.1:1"])
def test_a_docker_engine_that_doesn_t_run(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    for named in (None, host):
        with pytest.raises(ServiceError) as caught:
            health.require_engine(named)
        (sentence,) = str(caught.value).splitlines()
        assert sentence.startswith("No Docker engine answers: ")
        assert "Start it, or name another by DOCKER_HOST or the setting atlas:docker.host" in sentence
        assert host in sentence
        assert "?" not in sentence


def test_a_port_that_another_program_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The one answer of the engine's: none of the ports is published by the stack itself.
    monkeypatch.setattr(health, "publishers", lambda *_: "")
    place = place_of("local", Settings(tmp_path, None, None, PROJECT))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings = load_settings("local", {"postgres": json.dumps({"port": port})})
        with pytest.raises(UsageError) as caught:
            _require_free_ports(place, settings)
    said = str(caught.value)
    start, _, command = said.partition(" Free it, or take another port: ")
    assert start == f"atlas:postgres.port is {port}, but 127.0.0.1:{port} can't be had: Address already in use."
    # Works on a stack without a file of its own, and before the stack is there.
    said_so = re.fullmatch(
        r'atlas up --stack local --init-only && eval "\$\(atlas env --stack local\)" && '
        r"pulumi config set --path atlas:postgres\.port (\d+) -C (\S+)",
        command,
    )
    assert said_so is not None, command
    assert said_so[2] == str(PROJECT / "infra")
    with socket.create_server(("127.0.0.1", int(said_so[1]))):
        pass


def test_offers_no_port_that_another_service_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "publishers", lambda *_: "")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        given = {"postgres": json.dumps({"port": port}), "redis": json.dumps({"port": port + 1})}
        with pytest.raises(UsageError) as caught:
            _require_free_ports(place_of("local", Settings(tmp_path, None, None, PROJECT)), load_settings("x", given))
    offered = re.search(r"atlas:postgres\.port (\d+) -C", str(caught.value))
    assert offered is not None
    assert int(offered[1]) > port + 1


def install_pulumi(environment: dict[str, str], version: str) -> None:
    """A command that has a version and the Docker provider; what it is asked for is written down."""
    pulumi = Path(environment["PATH"]) / "pulumi"
    pulumi.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >>{shlex.quote(str(Path(environment["HOME"]) / "asked"))}\n'
        f'[ "$1" = version ] && echo {version} && exit 0\n'
        'case "$*" in *"stack select"*) exit 0;; *"stack output"*) echo "error: $OUTPUT" >&2; exit 1;; esac\n'
        '[ "$1 $2" = "plugin ls" ] && echo "docker  resource  5.2.0" && exit 0\n'
        'echo "error: this test goes no further" >&2; exit 1\n'
    )
    pulumi.chmod(0o755)


@pytest.fixture(name="with_pulumi")
def fixture_with_pulumi(environment: dict[str, str]) -> dict[str, str]:
    """Of a user who has Pulumi's command line and its Docker provider."""
    install_pulumi(environment, "v3.208.0")
    return environment


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("v3.207.0", "Pulumi's command line is v3.207.0, older than v3.208. Upgrade it; "),
        ("v2.999.1", "Pulumi's command line is v2.999.1, older than"),
        ("", "The pulumi command doesn't work: "),
        ("nonsense", "The pulumi command doesn't work: "),
    ],
)
def test_a_pulumi_that_is_too_old_or_broken(
    environment: dict[str, str], tmp_path: Path, version: str, said: str
) -> None:
    install_pulumi(environment, version)
    (sentence,) = complaints(run(environment, "up"), 3)
    assert sentence.startswith(said)
    assert not (tmp_path / "home").exists()


def test_without_docker_nothing_is_left_behind(with_pulumi: dict[str, str], tmp_path: Path, project: Path) -> None:
    before = sorted(project.rglob("*"))
    (sentence,) = complaints(run(with_pulumi, "up"), 3)
    assert sentence == f"There is no docker command on the PATH. Install Docker, then see {GUIDE}."
    assert not (tmp_path / "home").exists()
    assert sorted(project.rglob("*")) == before
    # Pulumi was asked for its providers, and for nothing that makes a stack.
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line.partition(" --")[0] for line in asked] == ["version", "plugin ls"]


def test_making_the_secrets_alone_needs_no_docker(with_pulumi: dict[str, str], tmp_path: Path) -> None:
    done = run(with_pulumi, "up", "--init-only")
    assert "docker" not in done.stderr
    assert (tmp_path / "home" / "stacks" / "local" / "passphrase").exists()
    assert "stack init local" in (tmp_path / "asked").read_text()


def test_a_passphrase_that_is_wrong(with_pulumi: dict[str, str], tmp_path: Path) -> None:
    directory = tmp_path / "home" / "stacks" / "local"
    directory.mkdir(parents=True)
    (tmp_path / "home" / "pulumi").mkdir()
    (directory / "Pulumi.local.yaml").touch()
    (directory / "passphrase").write_text("of another stack")
    (sentence,) = complaints(run(with_pulumi | {"OUTPUT": "incorrect passphrase"}, "env", "--stack", "local"), 3)
    assert sentence.startswith(f"The passphrase of stack local is wrong: {directory / 'passphrase'} or ")
    assert not (directory / "env").exists()


def test_a_service_that_is_run_elsewhere_while_the_stack_holds_its_data(tmp_path: Path) -> None:
    place = place_of("local", Settings(tmp_path, None, None, PROJECT))
    start, volume = "urn:pulumi:local::atlas::atlas:service:", "docker:index/volume:Volume"
    held = [
        {"urn": f"{start}{service}${volume}::{name}", "type": volume, "protect": name.endswith("-data")}
        for service, name in (("Redis", "redis-data"), ("Redis", "redis-secrets"), ("ObjectStore", "object-store-data"))
    ]
    elsewhere = {"redis": json.dumps({"mode": "external", "host": "cache.example.com"})}
    with pytest.raises(UsageError) as caught:
        _require_let_go(place, load_settings("local", elsewhere), held)
    said = str(caught.value)
    assert said.startswith(
        "Stack local still holds volume redis-data of a service that its settings have run elsewhere. "
    )
    assert said.endswith(
        'eval "$(atlas env --stack local)" && '
        f"pulumi state unprotect --yes '{start}Redis${volume}::redis-data' -C {PROJECT / 'infra'}"
    )
    # Let go of, or at home.
    _require_let_go(place, load_settings("local", elsewhere), [held[0] | {"protect": False}, *held[1:]])
    _require_let_go(place, load_settings("local", {}), held)


def test_what_the_stack_does_not_know_of_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = tmp_path / "docker"
    docker.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >>{shlex.quote(str(tmp_path / "asked"))}\n'
        'case "$1 $2" in "ps --all") echo "c1 atlas-local-redis"; echo "c2 atlas-local-old";; '
        '"network ls") echo "n1 atlas-local"; echo "n2 atlas-local";; esac\n'
    )
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    place = place_of("local", Settings(tmp_path, None, None, PROJECT))
    _remove_strays(place, [{"urn": "stack"}, {"id": "c1"}, {"id": "n1"}], None, said.append)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line for line in asked if " rm" in line or line.startswith("rm")] == [
        "rm --force --volumes c2",
        "network rm n2",
    ]
    assert all("label=atlas.stack=local" in line for line in asked if line.startswith(("ps", "network ls")))
    assert [line.split(",")[0].strip() for line in said] == [
        "removed container atlas-local-old",
        "removed network atlas-local",
    ]
