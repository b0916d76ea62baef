"""Pulumi's command line, as users of a stack work it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from typing import TYPE_CHECKING

from stack_support import Stack, docker, program

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = ("ATLAS_", "PULUMI_", "PG", "DBT_", "OPENLINEAGE_")
KEPT = ("PULUMI_HOME",)


def bare_environment() -> dict[str, str]:
    """The environment of a user who has set nothing for Atlas, Pulumi or a database."""
    return {key: value for key, value in os.environ.items() if key in KEPT or not key.startswith(OURS)}


def enter(stack: Stack) -> None:
    """Take over the variables that `atlas env --stack` exports, and the stack's outputs and secrets."""
    exports = stack.run(program("atlas"), "env", "--stack", stack.name).stdout
    shell = stack.run("sh", "-c", f"{exports}\nenv -0").stdout
    stack.environment = dict(line.split("=", 1) for line in shell.split("\0") if "=" in line)
    config = json.loads(pulumi(stack, "config", "--show-secrets", "--json"))
    stack.secrets |= {item["value"] for item in config.values() if item["secret"]}
    stack.outputs = json.loads(pulumi(stack, "stack", "output", "--json", "--show-secrets"))


def pulumi(stack: Stack, *arguments: str, stdin: str = "") -> str:
    """Run plain Pulumi in infra/, as its users do."""
    return try_pulumi(stack, *arguments, stdin=stdin, ok=True).stdout


def try_pulumi(stack: Stack, *arguments: str, stdin: str = "", ok: bool = False) -> subprocess.CompletedProcess[str]:
    """Run plain Pulumi, which may fail."""
    return stack.run("pulumi", "-C", str(stack.project / "infra"), *arguments, "--non-interactive", ok=ok, stdin=stdin)


def configure(stack: Stack, key: str, value: object) -> None:
    """Set a setting by plain Pulumi, objects part by part."""
    if isinstance(value, dict):
        for part, inner in value.items():
            configure(stack, f"{key}.{part}", inner)
    else:
        pulumi(stack, "config", "set", "--path", key, str(value))


@contextlib.contextmanager
def removed_at_the_end(name: str) -> Iterator[None]:
    """Remove whatever a failed test left of a stack, its data included."""
    try:
        yield
    finally:
        for kind, remove in (
            ("container", ("rm", "-fv")),
            ("volume", ("volume", "rm")),
            ("network", ("network", "rm")),
        ):
            listed = docker(
                kind, "ls", "-q", *(["-a"] if kind == "container" else []), "--filter", f"label=atlas.stack={name}"
            )
            for one in listed.split():
                docker(*remove, one, ok=False)
