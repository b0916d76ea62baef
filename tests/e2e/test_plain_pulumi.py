"""A stack made by plain Pulumi, in the order of docs/guides/provisioning.md, and then used by Atlas."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

import pytest
import service_checks as checks
from engine_watch import on_engine, watched
from pulumi_support import bare_environment, configure, enter, pulumi, removed_at_the_end, try_pulumi
from stack_support import Stack, clone, program, require, stack_settings, throwaway_name

from atlas.stacks.certificates import issue, new_authority
from atlas.stacks.credentials import ALIASES, new_secret
from atlas_infra.secrets import SECRETS
from atlas_infra.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", name="stack")
def fixture_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A clone, a backend and a passphrase of the user's own; nothing is made yet."""
    require("docker", "pulumi")
    name, home = throwaway_name(), tmp_path_factory.mktemp("plain")
    stack = Stack(name, home, bare_environment(), {}, set(), project=clone(home / "clone"))
    (home / "state").mkdir()
    stack.environment |= {
        "ATLAS_HOME": str(home / "home"),
        "ATLAS_PROJECT": str(stack.project),
        "PULUMI_BACKEND_URL": f"file://{home / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": secrets.token_urlsafe(24),
        **stack.dbt_places(),
    }
    stack.found = on_engine(name)
    with removed_at_the_end(name), watched(name, stack.watched):
        yield stack


def test_a_new_stack_says_what_it_lacks_until_it_lacks_nothing(stack: Stack) -> None:
    pulumi(stack, "stack", "init", stack.name)
    for service, settings in stack_settings().items():
        for key, value in settings.items():
            configure(stack, f"atlas:{service}.{key}", value)
    values = own_credentials()
    assert set(missing(stack)) == values.keys()
    for name, value in values.items():
        # By standard input, since a process's arguments are everyone's to read.
        options = ["--path"] if "certificates." in name else ["--secret"]
        pulumi(stack, "config", "set", *options, name, stdin=value)
    assert "to create" in pulumi(stack, "preview")


def own_credentials() -> dict[str, str]:
    """Secrets and certificates as a site with an authority of its own makes them, by setting."""
    authority = new_authority("The site's own")
    needed = [one for one in SECRETS if one.needed(Settings()) and not one.is_private_key]
    values = {f"atlas:{one.key}": new_secret() for one in needed}
    values["atlas:certificates.ca"] = authority.certificate
    for service, alias in ALIASES.items():
        made = issue(authority, [alias, "localhost", "127.0.0.1"])
        values |= {f"atlas:certificates.{service}": made.certificate, f"atlas:{service}TlsKey": made.key}
    return values


def missing(stack: Stack) -> list[str]:
    """What the preview says that the stack lacks."""
    done = try_pulumi(stack, "preview")
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in told
    assert "set each: pulumi config set --secret NAME (certificates without --secret, with --path)" in told
    lacked = re.search(rf"Stack {stack.name} lacks (\S+(?:, \S+)*)\. ", told)
    assert lacked is not None, told
    return lacked[1].split(", ")


def test_atlas_says_what_to_do_with_a_stack_that_is_not_up(stack: Stack) -> None:
    down = stack.run(program("atlas"), "env", "--stack", stack.name, ok=False)
    assert down.returncode == 3
    assert f"Stack {stack.name} isn't up. Bring it up: atlas up --stack {stack.name}" in down.stderr
    backend = stack.environment.pop("PULUMI_BACKEND_URL")
    try:
        elsewhere = stack.run(program("atlas"), "env", "--stack", stack.name, ok=False)
    finally:
        stack.environment["PULUMI_BACKEND_URL"] = backend
    assert elsewhere.returncode == 2
    assert "PULUMI_BACKEND_URL" in elsewhere.stderr
    assert "Traceback" not in down.stderr + elsewhere.stderr


def test_up_brings_it_up(stack: Stack) -> None:
    pulumi(stack, "up", "--refresh", "--yes")
    assert "unchanged" in pulumi(stack, "preview", "--refresh", "--expect-no-changes", "--diff")


def test_atlas_works_on_it(stack: Stack, tmp_path: Path) -> None:
    enter(stack)
    checks.check_main_job(stack)
    checks.check_postgres(stack, tmp_path)
    checks.check_redis(stack)
    checks.check_object_store(stack)
    checks.check_marquez(stack)
    assert "Nothing had to change." in stack.run(program("atlas"), "up", "--stack", stack.name).stdout


def test_no_secret_shows_anywhere(stack: Stack) -> None:
    written = [path.read_text(errors="replace") for path in checks.files(stack.home / "state")]
    committed = (stack.project / "infra" / f"Pulumi.{stack.name}.yaml").read_text()
    assert "secure:" in committed
    checks.check_no_leak(stack, committed, *written)


def test_deleting_the_data_leaves_nothing_but_the_users_file(stack: Stack) -> None:
    stack.run(program("atlas"), "down", "--stack", stack.name, "--delete-data", stdin=f"{stack.name}\n")
    assert on_engine(stack.name) == stack.found
    assert stack.name not in pulumi(stack, "stack", "ls")
    assert (stack.project / "infra" / f"Pulumi.{stack.name}.yaml").exists()
