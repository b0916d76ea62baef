"""Stacks to look at: their secrets made up, the program loaded whole under mocks, in a process for each."""

from __future__ import annotations

import functools
import json
import multiprocessing
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from pulumi import RunError
from record import record as of_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.context import ForkServerContext

Resource = dict[str, Any]

PROGRAM = Path(__file__).resolve().parents[2] / "infra"
COMMITTED = ("local", "staging", "production")
# A stack without a committed file, which takes what the others leave out.
OTHER: dict[str, dict[str, Any]] = {
    "docker": {"host": "unix:///run/user/1000/docker.sock"},
    "build": {"base": f"debian@sha256:{'a' * 64}", "network": "host"},
    "postgres": {"image": {"ref": f"registry.example.com:5000/atlas/postgres@sha256:{'b' * 64}"}, "bind": "::1"},
    "redis": {"image": {"build": "images/postgres", "args": {"GOPROXY": "https://proxy.example.com"}}, "cpus": 1.5},
    "objectStore": {"bind": "192.0.2.10", "port": 9443},
}
NAMES = (*COMMITTED, "other")
PASSWORDS = (
    "postgresPassword",
    "marquezDatabasePassword",
    "redisPassword",
    "objectStoreRootPassword",
    "objectStoreSecretKey",
    "objectStoreErasureSecretKey",
    "objectStoreBackupSecretKey",
)
# By a service that is run elsewhere, and in no case made here.
GIVEN = ("marquezApiKey",)
KEYS = ("postgresTlsKey", "redisTlsKey", "objectStoreTlsKey")
CERTIFICATES = ("ca", "postgres", "redis", "objectStore")


class Stack(NamedTuple):
    """What the engine is asked for.

    Attributes:
        binds: the address that the stack's file publishes a service on, by service, where it names one.
        planted: the text of every secret, by its key.
        resources: every registration, in order.
        outputs: the stack's, each ``{"value": …, "secret": …}``.
    """

    name: str
    binds: dict[str, str]
    planted: dict[str, str]
    resources: list[Resource]
    outputs: dict[str, dict[str, Any]]


class RefusedError(Exception):
    """The program ended before it declared a resource; its text is what a user sees."""


def made_up_secrets() -> dict[str, str]:
    """Strong passwords, and private keys that nothing takes."""
    passwords = {key: secrets.token_urlsafe(24) for key in (*PASSWORDS, *GIVEN)}
    return passwords | {key: _pem("PRIVATE KEY", secrets.token_urlsafe(48)) for key in KEYS}


def certificates() -> dict[str, str]:
    """A certificate for each service and their authority's, none of which says anything."""
    return {name: _pem("CERTIFICATE", name) for name in CERTIFICATES}


def _pem(kind: str, content: str) -> str:
    return f"-----BEGIN {kind}-----\n{content}\n-----END {kind}-----\n"


# One set a session, so that the three stacks differ in nothing but their files.
SECRETS = made_up_secrets()


def shows(text: str, key: str) -> bool:
    """Whether a text gives a secret away: a password, or a private key's content without its frame."""
    return any(line in text for line in SECRETS[key].splitlines() if not line.startswith("-----"))


def config(**given: Any) -> dict[str, str]:
    """A stack's configuration as Pulumi hands it over: all that must be set, and what is given, objects as JSON."""
    values = {**SECRETS, "certificates": certificates(), **given}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def record(stack: str, given: Mapping[str, str], program: Path = PROGRAM, docker_host: str = "") -> Stack:
    """Load the program as Pulumi would, where ``DOCKER_HOST`` says this.

    Raises:
        RefusedError: it ended with a sentence for its user.
    """
    planted = {key: text for key, text in given.items() if key in SECRETS}
    asked = (str(program), stack, dict(given), list(planted), docker_host)
    try:
        # A process of its own for each: an executor that renews its workers can lose the task that waits for one.
        with _processes().Pool(1) as process:
            recorded = json.loads(process.apply_async(of_program, asked).get(timeout=120))
    except RunError as error:
        raise RefusedError(str(error)) from None
    return Stack(stack, _binds(stack, given, program), planted, recorded["resources"], recorded["outputs"])


@functools.cache
def _processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pulumi_docker", "pulumi.runtime.mocks", "yaml", "msgspec"])
    return context


def _binds(stack: str, given: Mapping[str, str], program: Path) -> dict[str, str]:
    path = program / f"Pulumi.{stack}.yaml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))["config"] if path.exists() else {}
    services = {"postgres": "postgres", "redis": "redis", "objectStore": "object-store", "marquez": "marquez"}
    binds = {}
    for name, service in services.items():
        settings = written.get(f"atlas:{name}", {}) | json.loads(given.get(name, "{}"))
        if "bind" in settings:
            binds[service] = settings["bind"]
    return binds


@functools.cache
def _recorded() -> dict[str, Stack]:
    with ThreadPoolExecutor() as pool:
        given = [config(**(OTHER if name == "other" else {})) for name in NAMES]
        return dict(zip(NAMES, pool.map(record, NAMES, given), strict=True))


def recorded(name: str) -> Stack:
    """One of ``NAMES``, with the secrets that `atlas up` would make. All of them are loaded once, side by side."""
    return _recorded()[name]
