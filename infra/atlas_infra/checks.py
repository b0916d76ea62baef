"""Read a stack's settings and check them before any resource exists; every complaint is a sentence.

A setting comes from Pulumi's configuration (``atlas:<name>``), else from the committed ``Pulumi.<stack>.yaml``, else
from its default. `atlas up` keeps what it generates in a configuration file outside the repository, and Pulumi reads
one file only: so the committed one is read here.

Nothing here imports Pulumi: `atlas up` checks settings before it knows whether Pulumi is installed.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import yaml

from atlas_infra.refusals import refusals, unknown
from atlas_infra.secrets import SECRETS, weakness
from atlas_infra.settings import (
    Container,
    ContainerMarquez,
    ExternalMarquez,
    ExternalPostgres,
    ExternalRedis,
    Image,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

PROGRAM = Path(__file__).resolve().parent.parent
NAMESPACE = "atlas"
SERVICES = ("postgres", "redis", "objectStore", "marquez")


class SettingsError(ValueError):
    """The settings can't be used. One sentence a line, none of which repeats a secret."""


def load(stack: str, config: Mapping[str, str], secret_keys: Set[str], program: Path = PROGRAM) -> Settings:
    """Settings of a stack, complete and consistent, with every secret in place.

    Args:
        stack: its name; ``Pulumi.<stack>.yaml`` need not exist.
        config: Pulumi's configuration of this program, names without their namespace, objects as JSON.
        secret_keys: the names in ``config`` that Pulumi keeps encrypted.
        program: the directory of the stacks' files and of the images.

    Raises:
        SettingsError: with all that is wrong.
    """
    settings = load_settings(stack, config, program, secret_keys)
    # A stack's file may hold a secret in plain text even where another one is in force.
    encrypted = secret_keys - committed(stack, program).keys()
    found = list(missing_secrets(settings, stack, config, program)) + list(bad_secrets(settings, config, encrypted))
    if found:
        raise SettingsError("\n".join(found))
    return settings


def load_settings(
    stack: str, config: Mapping[str, str], program: Path = PROGRAM, secret_keys: Set[str] = frozenset()
) -> Settings:
    """The settings alone, without a look at secrets and certificates.

    Raises:
        SettingsError: with all that is wrong.
    """
    secret_names = {secret.key for secret in SECRETS}
    given = merged(
        {key: value for key, value in committed(stack, program).items() if key not in secret_names},
        {key: text for key, text in config.items() if key not in secret_names},
    )
    for service in SERVICES:
        if isinstance(given.get(service), dict):
            given[service].setdefault("mode", "container")
    fields = {field.encode_name: field for field in msgspec.structs.fields(Settings)}
    found: list[str] = []
    for key, value in given.items():
        name = f"{NAMESPACE}:{key}"
        if key in fields:
            found.extend(refusals(name, value, fields[key].type, hidden=key in secret_keys))
        else:
            found.append(unknown(name, fields, secret_names))
    if found:
        raise SettingsError("\n".join(found))
    settings = msgspec.convert(given, Settings, strict=False)
    if found := list(contradictions(settings, program)):
        raise SettingsError("\n".join(found))
    return settings


def committed(stack: str, program: Path = PROGRAM) -> dict[str, Any]:
    """What ``Pulumi.<stack>.yaml`` says in plain text, names without their namespace; empty where there is none.

    Raises:
        SettingsError: the file isn't what Pulumi would read.
    """
    path = program / f"Pulumi.{stack}.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        config = content.get("config") or {}
        return {
            key.removeprefix(f"{NAMESPACE}:"): value
            for key, value in config.items()
            if key.startswith(f"{NAMESPACE}:") and not (isinstance(value, dict) and "secure" in value)
        }
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError, AttributeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} can't be read as a stack's settings.") from error


def merged(below: Mapping[str, Any], config: Mapping[str, str]) -> dict[str, Any]:
    """Settings of two places, ``config`` before ``below``, object by object."""
    return _overlay(dict(below), {key: _parsed(text) for key, text in config.items()})


def _overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    # Settings of a container mean nothing to a service that is external, and the other way round.
    mode = below.get("mode", "container")
    result = dict(below) if above.get("mode", mode) == mode else {}
    # An image has one source, so naming one takes the other back.
    for source, other in (("ref", "build"), ("build", "ref")):
        if source in above:
            result.pop(other, None)
    for key, value in above.items():
        known = result.get(key)
        result[key] = _overlay(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


def _parsed(text: str) -> Any:
    # Pulumi hands objects over as JSON and the rest as it was written.
    if text.startswith(("{", "[")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def contradictions(settings: Settings, program: Path = PROGRAM) -> Iterator[str]:
    """What no single setting is to blame for, a sentence each."""
    yield from _ports(settings)
    yield from _images(settings, program)
    yield from _reach(settings)
    marquez = settings.marquez
    alone = isinstance(marquez, ContainerMarquez) and marquez.database is None
    if isinstance(settings.postgres, ExternalPostgres) and alone:
        yield (
            "Marquez needs a database, and PostgreSQL is external: name one in atlas:marquez.database "
            "(host, port, database, user), or set atlas:marquez.mode to external."
        )
    postgres = settings.postgres
    if isinstance(postgres, ExternalPostgres) and postgres.tls == "verify-ca" and not postgres.ca:
        yield "atlas:postgres.tls is verify-ca, which needs atlas:postgres.ca: libpq has the system's for verify-full."
    redis = settings.redis
    if isinstance(redis, ExternalRedis) and not redis.tls and not is_loopback(redis.host):
        yield "atlas:redis.tls is false, but its host isn't this machine: its password would travel in plain text."
    if isinstance(marquez, ExternalMarquez) and marquez.api_key:
        for name, url in (("endpoint", marquez.endpoint), ("internalEndpoint", marquez.internal_endpoint or "")):
            if url.startswith("http://") and not is_loopback(urlsplit(url).hostname or ""):
                yield f"atlas:marquez.{name} has no TLS and isn't this machine: its API key would travel in plain text."


def containers(settings: Settings) -> dict[str, Container]:
    """The services that run in containers here, by their names in a stack's file."""
    services = {
        "postgres": settings.postgres,
        "redis": settings.redis,
        "objectStore": settings.object_store,
        "marquez": settings.marquez,
    }
    return {name: service for name, service in services.items() if isinstance(service, Container)}


def published_ports(settings: Settings) -> dict[str, tuple[str, int]]:
    """Address and port that each container is published on, by the port's setting."""
    ports: dict[str, tuple[str, int]] = {}
    for name, service in containers(settings).items():
        ports[f"{NAMESPACE}:{name}.port"] = (service.bind, service.port)
        if isinstance(service, ContainerMarquez):
            ports[f"{NAMESPACE}:{name}.webPort"] = (service.bind, service.web_port)
    return ports


def _ports(settings: Settings) -> Iterator[str]:
    owners: dict[int, str] = {}
    for name, (_, port) in published_ports(settings).items():
        if port in owners:
            yield f"{name} and {owners[port]} are both {port}. Give each service a port of its own."
        owners.setdefault(port, name)


def images(settings: Settings) -> dict[str, Image]:
    """Every image that the stack runs, by its setting."""
    found: dict[str, Image] = {}
    for name, service in containers(settings).items():
        found[f"{NAMESPACE}:{name}.image"] = service.image
        if isinstance(service, ContainerMarquez):
            found[f"{NAMESPACE}:{name}.webImage"] = service.web_image
    return found


def _images(settings: Settings, program: Path) -> Iterator[str]:
    for name, image in images(settings).items():
        if (image.ref is None) == (image.build is None):
            yield f"{name} takes either ref (an image by tag or digest) or build (a directory with a Dockerfile)."
        elif image.build is not None and not (program / image.build / "Dockerfile").is_file():
            yield f"{name}.build is {image.build}, but there is no Dockerfile in {program / image.build}."


def _reach(settings: Settings) -> Iterator[str]:
    services = containers(settings)
    for name, service in services.items():
        try:
            ipaddress.ip_address(service.bind)
        except ValueError:
            yield f"{NAMESPACE}:{name}.bind is an IP address of the Docker host, such as 127.0.0.1, not a name."
    marquez = services.get("marquez")
    if marquez is not None and not is_loopback(marquez.bind):
        yield (
            f"atlas:marquez.bind is {marquez.bind}, but Marquez has neither TLS nor a login. "
            "Leave it on 127.0.0.1, and put a proxy with both before it."
        )
    host = settings.docker.host or os.environ.get("DOCKER_HOST", "")
    if not is_remote(host) or settings.docker.tunnel:
        return
    hidden = [name for name, service in services.items() if is_loopback(service.bind)]
    host = re.sub(r":[^/@]*@", "@", host)  # a password may stand before the @
    if hidden:
        yield (
            f"The Docker engine is at {host}, and the ports of {', '.join(hidden)} would be on that machine's loopback "
            "address, out of your reach. Forward them and set atlas:docker.tunnel, or bind them to another address."
        )


def is_remote(docker_host: str) -> bool:
    """Whether an engine's address is another machine's."""
    address = re.match(r"(?:tcp|ssh|https?)://(?:[^@/]*@)?(\[[^]]*\]|[^:/]*)", docker_host)
    return address is not None and not is_loopback(address[1])


def missing_secrets(
    settings: Settings, stack: str, config: Mapping[str, str], program: Path = PROGRAM
) -> Iterator[str]:
    """One sentence that names every secret and certificate that the stack lacks, if it lacks any."""
    missing = [
        f"{NAMESPACE}:{secret.key}" for secret in SECRETS if secret.needed(settings) and not config.get(secret.key)
    ]
    held = msgspec.to_builtins(settings.certificates)
    missing += [f"{NAMESPACE}:certificates.{name}" for name in needed_certificates(settings) if not held[name]]
    given = [name for name in missing if name in {f"{NAMESPACE}:{s.key}" for s in SECRETS if not s.own(settings)}]
    made = [name for name in missing if name not in given]
    if made:
        yield (
            f"Stack {stack} lacks {', '.join(made)}. `atlas up --stack {stack} --init-only` makes them all; "
            "or set each: pulumi config set --secret NAME (certificates without --secret, with --path)."
        )
    if given:
        yield (
            f"Stack {stack} lacks {', '.join(given)}, which the services that are run elsewhere gave out. "
            f"Set each: pulumi config set --secret {given[0]} -C {shlex.quote(str(program))} "
            f'(for a stack that `atlas up` made, first: eval "$(atlas env --stack {stack})").'
        )


def needed_certificates(settings: Settings) -> list[str]:
    """The certificates that the stack's containers show, by their names in ``certificates``."""
    with_tls = [name for name in containers(settings) if name != "marquez"]
    return ["ca", *with_tls] if with_tls else []


def bad_secrets(settings: Settings, config: Mapping[str, str], secret_keys: Set[str]) -> Iterator[str]:
    """What is wrong with the secrets that are there, a sentence each, without the secret."""
    for secret in SECRETS:
        value = config.get(secret.key)
        if not value:
            continue
        if secret.key not in secret_keys:
            yield f"{NAMESPACE}:{secret.key} is kept in plain text. Set it anew with `pulumi config set --secret`."
        if secret.needed(settings) and (reason := weakness(secret, value, settings)):
            yield f"{NAMESPACE}:{secret.key} {reason}"
