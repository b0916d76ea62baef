"""A stack from `atlas up` to its end: Pulumi's real engine, the provider, a Docker engine."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING

import botocore.exceptions
import psycopg
import pytest
import redis
import service_checks as checks
from engine_watch import on_engine, watched
from leak_search import given_away
from pulumi_support import bare_environment, configure, enter, pulumi, removed_at_the_end
from stack_support import (
    PROJECT,
    SERVICES,
    Stack,
    copy_into,
    docker,
    inspect,
    program,
    require,
    retried,
    stack_settings,
    throwaway_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

# A secret may be anything that can be typed: what a shell, SQL, JSON, a URL or a password file would trip over.
AWKWARD = "'\"\\$%`{}:;#&=+/?@!~,"


@pytest.fixture(scope="module", name="stack")
def fixture_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own name, ports and home, brought up by `atlas up` and taken down by `atlas down`."""
    require("docker", "pulumi")
    name, home = throwaway_name(), tmp_path_factory.mktemp("stack")
    stack = Stack(name, home, bare_environment(), {}, set())
    stack.environment |= {"ATLAS_HOME": str(home / "home"), **stack.dbt_places()}
    stack.found = on_engine(name)
    with removed_at_the_end(name), watched(name, stack.watched):
        stack.run(program("atlas"), "up", "--stack", name, "--init-only")
        enter(stack)
        for service, settings in stack_settings().items():
            for key, value in settings.items():
                configure(stack, f"atlas:{service}.{key}", value)
        stack.run(program("atlas"), "up", "--stack", name)
        enter(stack)
        yield stack


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


def rotate(stack: Stack, key: str, service: str) -> None:
    """Give a service a new secret; exactly its two containers are replaced."""
    before, customers = stack.identities(), checks.customers(stack)
    new = AWKWARD[:12] + secrets.token_hex(6) + AWKWARD[12:]
    pulumi(stack, "config", "set", "--secret", f"atlas:{key}", new)
    stack.run(program("atlas"), "up", "--stack", stack.name)
    enter(stack)
    assert new in stack.secrets
    after = stack.identities()
    assert {name for name in after if after[name] != before[name]} == {service, f"{service}-seed"}
    assert checks.customers(stack) == customers


def test_a_rotated_password_of_postgres_replaces_its_two_containers(stack: Stack) -> None:
    old = stack.outputs["postgres_password"]
    rotate(stack, "postgresPassword", "postgres")
    assert stack.outputs["postgres_password"] != old
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        checks.connect(stack, password=old)


def test_a_rotated_password_of_redis_replaces_its_two_containers(stack: Stack) -> None:
    old = stack.outputs["redis_password"]
    rotate(stack, "redisPassword", "redis")
    with checks.redis_client(stack, stack.outputs["redis_password"]) as client:
        assert client.get("atlas:e2e") == b"kept"
    with checks.redis_client(stack, old) as client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()


def test_a_rotated_secret_key_of_the_object_store_replaces_its_two_containers(stack: Stack) -> None:
    one = {"Bucket": "archive", "Key": "e2e/one"}
    outdated = checks.s3(stack)
    assert outdated.get_object(**one)
    rotate(stack, "objectStoreSecretKey", "object-store")
    assert checks.s3(stack).get_object(**one)["Body"].read() == b"what was put"
    with pytest.raises(botocore.exceptions.ClientError, match="SignatureDoesNotMatch"):
        outdated.get_object(**one)
    # The other credentials stay as they were.
    assert checks.s3(stack, "erasure_").list_object_versions(Bucket="archive")["Versions"]


def test_atlas_and_dbt_go_on_with_the_new_secrets(stack: Stack) -> None:
    stack.run(program("atlas"), "doctor")
    stack.run(program("dbt"), "build", "--quiet", "--select", "dim_customer")


def test_no_secret_shows_anywhere(stack: Stack) -> None:
    exported = pulumi(stack, "stack", "export")
    previews = [pulumi(stack, "preview", "--diff", *options) for options in ((), ("--refresh",), ("--json",))]
    written = {path: path.read_text(errors="replace") for path in checks.files(stack.home / "home" / "pulumi")}
    assert any("history" in path.parts for path in written)
    # Of the containers that were replaced, too: by a setting, and each by its new secret.
    assert len(list(stack.watched.glob(f"*-{stack.container('redis')}.log"))) > 2
    assert len(list(stack.watched.glob(f"*-{stack.container('postgres-seed')}.json"))) > 1
    checks.check_no_leak(stack, exported, *previews, *written.values())
    # Pulumi would write there what the stack's secrets are locked with.
    assert not (PROJECT / "infra" / f"Pulumi.{stack.name}.yaml").exists()


def test_only_private_files_hold_secrets(stack: Stack) -> None:
    for path in checks.files(stack.home / "home"):
        if given_away(stack.secrets, path.read_text(errors="replace")):
            assert path.name in {"pgpass", "redis-password", "object-store-secret-key"}
            assert path.stat().st_mode & 0o777 == 0o600
            assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_container_that_is_never_healthy_is_told_with_its_last_words(stack: Stack) -> None:
    """Another image, whose server ends at once; with the right one again everything is as it was."""
    reason = f"the licence of {uuid.uuid4()} has ended"
    image = with_broken_server(stack, reason)
    configure(stack, "atlas:redis.image.ref", image)
    try:
        done = stack.run(program("atlas"), "up", "--stack", stack.name, ok=False)
        assert done.returncode == 3
        assert f"Container {stack.container('redis')} is " in done.stderr
        assert "The last it said:\n" in done.stderr
        assert reason in done.stderr.partition("The last it said:\n")[2]
        assert "Traceback" not in done.stderr
        assert given_away(stack.secrets, done.stdout + done.stderr) == set()
    finally:
        pulumi(stack, "config", "rm", "--path", "atlas:redis.image")
        for setting, value in stack_settings()["redis"].items():
            if setting == "image":
                configure(stack, "atlas:redis.image", value)
    before = stack.identities()
    stack.run(program("atlas"), "up", "--stack", stack.name)
    after = stack.identities()
    assert {name for name in after if after[name] != before.get(name)} == {"redis", "redis-seed"}
    with checks.redis_client(stack, stack.outputs["redis_password"]) as client:
        assert client.get("atlas:e2e") == b"kept"
    docker("image", "rm", image)


def with_broken_server(stack: Stack, reason: str) -> str:
    """An image like Redis's, whose server says why it can't run and ends."""
    name, image = stack.container("redis-broken"), f"atlas-{stack.name}-broken:1"
    docker("create", "--name", name, inspect(stack.container("redis"))["Image"])
    copy_into(name, {"/usr/local/bin/redis-server": (f"#!/bin/sh\necho {reason}\nexit 1\n", 0o755)})
    docker("commit", name, image)
    docker("rm", "--volumes", name)
    return image


def test_a_container_that_fell_sick_is_told(stack: Stack) -> None:
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


def test_what_a_killed_update_left_goes_with_its_unnamed_volumes(stack: Stack) -> None:
    image = inspect(stack.container("redis"))["Image"]
    stray, label = stack.container("stray"), f"atlas.stack={stack.name}"
    before = on_engine(stack.name)
    docker("create", "--name", stray, "--label", label, "--volume", "/scratch", "--entrypoint", "true", image)
    assert on_engine(stack.name)["volume"] > before["volume"]
    said = stack.run(program("atlas"), "up", "--stack", stack.name)
    assert f"removed container {stray}" in said.stdout + said.stderr
    assert on_engine(stack.name) == before


def test_deleting_the_data_leaves_nothing(stack: Stack) -> None:
    delete = (program("atlas"), "down", "--stack", stack.name, "--delete-data")
    refused = stack.run(*delete, ok=False, stdin="another\n")
    assert refused.returncode == 2
    assert stack.identities()
    stack.run(*delete, stdin=f"{stack.name}\n")
    assert on_engine(stack.name) == stack.found
    assert not (stack.home / "home" / "stacks" / stack.name).exists()
    assert "There is no stack" in stack.run(program("atlas"), "env", "--stack", stack.name, ok=False).stderr
