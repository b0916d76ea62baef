"""A stack from `atlas up` to its end: Pulumi's real engine, the provider, a Docker engine."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis
import service_checks as checks
from stack_support import PROJECT, SERVICES, Stack, docker, program, require, retried, stack_settings, throwaway_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

OURS = ("ATLAS_", "PULUMI_", "PG", "DBT_", "OPENLINEAGE_")
KEPT = ("PULUMI_HOME",)


@pytest.fixture(scope="module", name="stack")
def fixture_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own name, ports and home, brought up by `atlas up` and taken down by `atlas down`."""
    require("docker", "pulumi")
    name = throwaway_name()
    bare = {key: value for key, value in os.environ.items() if key in KEPT or not key.startswith(OURS)}
    bare["ATLAS_HOME"] = str(tmp_path_factory.mktemp("home"))
    stack = Stack(name, bare, {}, set())
    try:
        stack.run(program("atlas"), "up", "--stack", name, "--init-only")
        enter(stack)
        for service, settings in stack_settings().items():
            for key, value in settings.items():
                configure(stack, f"atlas:{service}.{key}", value)
        stack.run(program("atlas"), "up", "--stack", name)
        enter(stack)
        yield stack
    finally:
        stack.environment = bare
        stack.run(program("atlas"), "down", "--stack", name, "--delete-data", ok=False)
        remove_rest(name)


def remove_rest(name: str) -> None:
    """Whatever `atlas down` left; the test of the stack's end finds fault with that."""
    label = f"label=atlas.stack={name}"
    for kind, remove in (("container", ("rm", "-f")), ("volume", ("volume", "rm")), ("network", ("network", "rm"))):
        listed = docker(kind, "ls", "-q", *(["-a"] if kind == "container" else []), "--filter", label)
        for one in listed.split():
            docker(*remove, one, ok=False)


def enter(stack: Stack) -> None:
    """Take over the variables that `atlas env --stack` exports, and the stack's outputs and secrets."""
    exports = stack.run(program("atlas"), "env", "--stack", stack.name).stdout
    shell = stack.run("sh", "-c", f"{exports}\nenv -0").stdout
    stack.environment = dict(line.split("=", 1) for line in shell.split("\0") if "=" in line)
    config = json.loads(pulumi(stack, "config", "--show-secrets", "--json"))
    stack.secrets = {item["value"] for item in config.values() if item["secret"]}
    stack.outputs = json.loads(pulumi(stack, "stack", "output", "--json", "--show-secrets"))


def pulumi(stack: Stack, *arguments: str) -> str:
    """Run plain Pulumi in infra/, as its users do."""
    return stack.run("pulumi", "-C", str(PROJECT / "infra"), *arguments, "--non-interactive").stdout


def configure(stack: Stack, key: str, value: object) -> None:
    """Set a setting by plain Pulumi, objects part by part."""
    if isinstance(value, dict):
        for part, inner in value.items():
            configure(stack, f"{key}.{part}", inner)
    else:
        pulumi(stack, "config", "set", "--path", key, str(value))


def test_the_main_job_runs_on_it(stack: Stack) -> None:
    checks.check_main_job(stack)


def test_postgres_takes_verified_tls_and_passwords_only(stack: Stack, tmp_path: Path) -> None:
    checks.check_postgres(stack, tmp_path)


def test_redis_asks_for_a_password(stack: Stack) -> None:
    checks.check_redis(stack)


def test_the_archive_is_locked_but_for_lawful_erasure(stack: Stack) -> None:
    checks.check_object_store(stack)


def test_marquez_keeps_lineage(stack: Stack) -> None:
    checks.check_marquez(stack)


def test_containers_are_confined(stack: Stack) -> None:
    assert {name for name in stack.identities() if not name.endswith("-seed")} == SERVICES
    checks.check_confinement(stack)


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    before = stack.identities()
    assert "Nothing had to change." in stack.run(program("atlas"), "up", "--stack", stack.name).stdout
    preview = pulumi(stack, "preview", "--refresh", "--expect-no-changes", "--diff")
    assert "unchanged" in preview
    assert stack.identities() == before


def test_data_survives_restarts_and_kills(stack: Stack) -> None:
    job = checks.check_marquez(stack)
    checks.check_data_survives_restarts(stack, job)


def test_one_setting_replaces_one_container(stack: Stack) -> None:
    before = stack.identities()
    configure(stack, "atlas:redis.policy", "allkeys-lru")
    stack.run(program("atlas"), "up", "--stack", stack.name)
    after = stack.identities()
    assert {name for name in after if after[name] != before[name]} == {"redis"}
    with checks.redis_client(stack, stack.outputs["redis_password"]) as client:
        assert client.get("atlas:e2e") == b"kept"


def test_a_rotated_secret_replaces_its_two_containers(stack: Stack) -> None:
    before, old = stack.identities(), stack.outputs["postgres_password"]
    customers = checks.customers(stack)
    pulumi(stack, "config", "set", "--secret", "atlas:postgresPassword", new := "f3" * 10 + "Kx9qTz71")
    stack.run(program("atlas"), "up", "--stack", stack.name)
    enter(stack)
    after = stack.identities()
    assert {name for name in after if after[name] != before[name]} == {"postgres", "postgres-seed"}
    assert stack.outputs["postgres_password"] == new
    assert checks.customers(stack) == customers
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        checks.connect(stack, password=old)
    stack.secrets.add(old)


def test_no_secret_shows_anywhere(stack: Stack) -> None:
    state = pulumi(stack, "stack", "export")
    preview = pulumi(stack, "preview", "--diff")
    checks.check_no_leak(stack, state, preview)
    # Pulumi would write there what the stack's secrets are locked with.
    assert not (PROJECT / "infra" / f"Pulumi.{stack.name}.yaml").exists()


def test_a_sick_container_is_told_with_its_last_words(stack: Stack) -> None:
    """Pulumi itself would call it a success."""
    docker("stop", stack.container("redis"))
    docker("update", "--restart", "no", stack.container("redis"))
    try:
        docker("start", stack.container("redis"))
        docker("pause", stack.container("redis"))
        done = stack.run(program("atlas"), "up", "--stack", stack.name, ok=False)
        assert done.returncode == 3
        assert f"Container {stack.container('redis')} is " in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        docker("unpause", stack.container("redis"), ok=False)


def test_down_keeps_the_data_and_up_finds_it(stack: Stack) -> None:
    customers = checks.customers(stack)
    stack.run(program("atlas"), "down", "--stack", stack.name)
    assert stack.identities() == {}
    assert docker("volume", "ls", "-q", "--filter", f"label=atlas.stack={stack.name}").split()
    stack.run(program("atlas"), "up", "--stack", stack.name)
    assert retried(lambda: checks.customers(stack)) == customers
    with checks.redis_client(stack, stack.outputs["redis_password"]) as client:
        assert retried(lambda: client.get("atlas:e2e")) == b"kept"
    with pytest.raises(redis.exceptions.AuthenticationError):
        checks.redis_client(stack, None).ping()


def test_deleting_the_data_leaves_nothing(stack: Stack) -> None:
    delete = ("sh", "-c", f'echo "$0" | {program("atlas")} down --stack {stack.name} --delete-data')
    refused = stack.run(*delete, "another", ok=False)
    assert refused.returncode == 2
    assert stack.identities()
    stack.run(*delete, stack.name)
    assert stack.identities() == {}
    for kind in ("volume", "network"):
        assert docker(kind, "ls", "-q", "--filter", f"label=atlas.stack={stack.name}") == ""
    assert "There is no stack" in stack.run(program("atlas"), "env", "--stack", stack.name, ok=False).stderr
