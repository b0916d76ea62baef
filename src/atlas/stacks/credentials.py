"""A stack's generated secrets and certificates: what is missing is made, what is there stays."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

import msgspec

from atlas.errors import UsageError
from atlas.stacks.certificates import Certificate, is_good, issue, new_authority
from atlas_infra.checks import containers
from atlas_infra.secrets import LONGEST, SECRETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlas_infra.settings import Settings as StackSettings

# Services that speak TLS and keep data, and their containers' names on the network.
ALIASES = {"postgres": "postgres", "redis": "redis", "objectStore": "object-store"}
ALPHABET = string.ascii_letters + string.digits
# The program has no use for the authority's key, and refuses what it doesn't know: it has a namespace of its own.
AUTHORITY_KEY = "atlas-authority:key"


def missing_credentials(stack: str, settings: StackSettings, known: Mapping[str, str]) -> dict[str, tuple[str, bool]]:
    """What has to be added to a stack's configuration, as ``{key: (value, is secret)}``.

    Certificates are renewed before they end, and when the host's name changed; secrets are never changed.

    Args:
        stack: its name.
        settings: its settings, without secrets.
        known: the configuration as it is, decrypted, by full key (``atlas:…``).

    Raises:
        UsageError: a certificate is missing, and the stack's others are somebody else's.
    """
    wanted: dict[str, tuple[str, bool]] = {}
    for secret in SECRETS:
        key = f"atlas:{secret.key}"
        if secret.own(settings) and not secret.is_private_key and key not in known:
            wanted[key] = (new_secret(), True)
    with_tls = [name for name in containers(settings) if name in ALIASES]
    if with_tls:
        wanted |= _certificates(stack, settings, known, with_tls)
    return wanted


def new_secret() -> str:
    """A random secret of 238 bits, of letters and digits: nothing has to quote it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LONGEST))


def _certificates(
    stack: str, settings: StackSettings, known: Mapping[str, str], services: list[str]
) -> dict[str, tuple[str, bool]]:
    wanted: dict[str, tuple[str, bool]] = {}
    held = msgspec.to_builtins(settings.certificates)
    authority = Certificate(held["ca"], known.get(AUTHORITY_KEY, ""))
    for name in services:
        hosts = list(dict.fromkeys([ALIASES[name], "localhost", "127.0.0.1", settings.host]))
        key = f"atlas:{name}TlsKey"
        if key in known and held[name] and AUTHORITY_KEY not in known:
            continue  # somebody else's certificate: theirs to renew
        if key in known and is_good(held[name], authority.certificate, hosts):
            continue
        if authority.certificate and not authority.key:
            raise UsageError(
                f"Stack {stack} has an authority of its own, atlas:certificates.ca, whose key isn't here. "
                f"Let it sign a certificate for {', '.join(hosts)}, and set atlas:certificates.{name} and {key}."
            )
        if not authority.certificate:
            authority = new_authority(f"Atlas stack {stack}")
            wanted[AUTHORITY_KEY] = (authority.key, True)
            wanted["atlas:certificates.ca"] = (authority.certificate, False)
        certificate = issue(authority, hosts)
        wanted[key] = (certificate.key, True)
        wanted[f"atlas:certificates.{name}"] = (certificate.certificate, False)
    return wanted
