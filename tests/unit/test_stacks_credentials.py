"""Secrets and certificates that `atlas up` makes, held against the program's own checks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from atlas.errors import UsageError
from atlas.stacks.certificates import is_good, issue, new_authority
from atlas.stacks.credentials import ALIASES, AUTHORITY_KEY, missing_credentials, new_secret
from atlas_infra.checks import SettingsError, containers, load, load_settings
from atlas_infra.secrets import SECRETS

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL = load_settings("local", {})
COMMITTED = ("local", "staging", "production")
# What a managed service's owner was given; nothing here can make it.
GIVEN = {"atlas:postgresPassword": "9f1LQk27TzmW", "atlas:objectStoreSecretKey": "wJalrXUtnFEMI/K7MDENG/bPx+fiCYzK"}
GIVEN |= {"atlas:objectStoreErasureSecretKey": "a8Kp2/LxQ9sVn4", "atlas:marquezDatabasePassword": "T5uY7iO9pQ2w"}


def namespaced(config: Mapping[str, str]) -> dict[str, str]:
    """A configuration as the program gets it: its own namespace, and objects as JSON."""
    own = {key.removeprefix("atlas:"): value for key, value in config.items() if key.startswith("atlas:")}
    certificates = {key.partition(".")[2]: own.pop(key) for key in list(own) if key.startswith("certificates.")}
    return own | ({"certificates": json.dumps(certificates)} if certificates else {})


def completed(stack: str, known: Mapping[str, str]) -> dict[str, str]:
    """The configuration after `atlas up` added what is missing, each under its full key."""
    wanted = missing_credentials(stack, load_settings(stack, namespaced(known)), known)
    return {**known, **{key: value for key, (value, _) in wanted.items()}}


def external(stack: str) -> dict[str, str]:
    settings = load_settings(stack, {})
    theirs = [secret.key for secret in SECRETS if secret.needed(settings) and not secret.own(settings)]
    return {f"atlas:{key}": GIVEN[f"atlas:{key}"] for key in theirs}


@pytest.fixture(autouse=True)
def _docker_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)


@pytest.mark.parametrize("stack", COMMITTED)
def test_what_is_made_passes_the_program_s_checks(stack: str) -> None:
    settings = load_settings(stack, {})
    known = external(stack)
    wanted = missing_credentials(stack, settings, known)
    secret = {key.removeprefix("atlas:") for key in known} | {
        key.removeprefix("atlas:") for key, (_, is_secret) in wanted.items() if is_secret
    }
    complete = load(stack, namespaced(completed(stack, known)), secret)
    held = msgspec.to_builtins(complete.certificates)
    for name in containers(settings):
        if name in ALIASES:
            hosts = [ALIASES[name], "localhost", "127.0.0.1", settings.host]
            assert is_good(held[name], held["ca"], hosts)
    # And nothing but certificates is kept in plain text.
    assert all(
        is_secret or (key.startswith("atlas:certificates.") and "PRIVATE" not in value)
        for key, (value, is_secret) in wanted.items()
    )


@pytest.mark.parametrize("stack", COMMITTED)
def test_a_complete_stack_gets_nothing_more(stack: str) -> None:
    known = completed(stack, external(stack))
    assert missing_credentials(stack, load_settings(stack, namespaced(known)), known) == {}


def test_the_secrets_of_managed_services_are_asked_for_and_not_made_up() -> None:
    config = namespaced(completed("production", {}))
    with pytest.raises(SettingsError) as caught:
        load("production", config, set(config))
    assert set(re.findall(r"atlas:\w+", str(caught.value))) == external("production").keys()


@pytest.mark.parametrize(
    "key", [f"atlas:{secret.key}" for secret in SECRETS if secret.own(LOCAL) and not secret.is_private_key]
)
def test_a_secret_that_is_there_stays(key: str) -> None:
    for held in ("somebody's own", "weak", ""):
        wanted = missing_credentials("local", load_settings("local", {}), {key: held})
        assert key not in wanted
        assert len(wanted) == len(missing_credentials("local", load_settings("local", {}), {})) - 1


def test_secrets_differ_and_need_no_quoting() -> None:
    made = {new_secret() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9]{40}", secret) for secret in made)


def test_renewal_keeps_the_authority_and_every_secret() -> None:
    before = completed("local", {})
    moved = {**before, "atlas:host": "atlas.example.com"}
    after = completed("local", moved)
    changed = {key for key in after if after[key] != moved.get(key)}
    assert changed == {f"atlas:certificates.{name}" for name in ALIASES} | {f"atlas:{name}TlsKey" for name in ALIASES}
    authority = before["atlas:certificates.ca"]
    for name, alias in ALIASES.items():
        hosts = [alias, "localhost", "127.0.0.1", "atlas.example.com"]
        assert is_good(after[f"atlas:certificates.{name}"], authority, hosts)


def test_a_certificate_of_another_authority_is_made_anew_alone() -> None:
    before = completed("local", {})
    other = issue(new_authority("Atlas stack local"), ["redis", "localhost", "127.0.0.1"])
    after = completed("local", {**before, "atlas:certificates.redis": other.certificate})
    assert {key for key in after if after[key] != before[key]} == {"atlas:certificates.redis", "atlas:redisTlsKey"}


def test_a_certificate_without_its_key_is_made_anew() -> None:
    before = completed("local", {})
    after = completed("local", {key: value for key, value in before.items() if key != "atlas:redisTlsKey"})
    assert {key for key in after if after[key] != before[key]} == {"atlas:certificates.redis", "atlas:redisTlsKey"}


def test_an_authority_whose_certificate_is_gone_is_made_anew_with_all_that_it_signed() -> None:
    before = completed("local", {})
    after = completed("local", {key: value for key, value in before.items() if key != "atlas:certificates.ca"})
    for name, alias in ALIASES.items():
        assert is_good(
            after[f"atlas:certificates.{name}"], after["atlas:certificates.ca"], [alias, "localhost", "127.0.0.1"]
        )


def own_certificates() -> dict[str, str]:
    """A complete stack whose certificates somebody else signs, made out to other names than Atlas would."""
    known = completed("local", {})
    authority = new_authority("Example Ltd")
    for name in ALIASES:
        given = issue(authority, ["atlas.example.com"])
        known |= {f"atlas:certificates.{name}": given.certificate, f"atlas:{name}TlsKey": given.key}
    del known[AUTHORITY_KEY]
    return known | {"atlas:certificates.ca": authority.certificate}


def test_somebody_else_s_certificates_are_left_alone() -> None:
    known = own_certificates()
    assert missing_credentials("local", load_settings("local", namespaced(known)), known) == {}


def test_somebody_else_s_authority_is_not_replaced_where_a_certificate_is_missing() -> None:
    known = {key: value for key, value in own_certificates().items() if "redis" not in key}
    with pytest.raises(UsageError) as caught:
        missing_credentials("local", load_settings("local", namespaced(known)), known)
    message = str(caught.value)
    assert "redis, localhost, 127.0.0.1" in message
    assert "atlas:certificates.redis and atlas:redisTlsKey" in message
    assert not [value for value in known.values() if value in message]
