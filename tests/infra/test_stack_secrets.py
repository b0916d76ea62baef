"""Secrets that are missing, weak or in plain text: refused with a sentence that doesn't show them."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import stacks
from settings_support import DATABASE, accepted, loaded, refusal

from atlas_infra.checks import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


WEAK = {
    "a placeholder": ("changeme-changeme-0123456789", "placeholder"),
    "a placeholder in capitals": ("PassWord-8J3kf02LmQ9x7Zt", "placeholder"),
    "a short one": ("kR7-mQ2x_Lw9", "20"),
    "one that MinIO doesn't take": ("kR7-mQ2x_Lw9zT4v" * 3, "40"),
    "one letter": ("a" * 24, "easy to guess"),
    "one with a space": ("kR7 mQ2x_Lw9zT4vB8nY3cF6", "white space"),
    "one with a line's end": ("kR7-mQ2x_Lw9zT4vB8nY3cF6\n", "white space"),
    "one with an umlaut": ("kR7-mQ2x_Lw9zT4vB8nY3cFü", "ASCII"),
}


@pytest.mark.parametrize("key", stacks.PASSWORDS)
@pytest.mark.parametrize("kind", WEAK)
def test_refuses_a_weak_secret(kind: str, key: str) -> None:
    value, reason = WEAK[kind]
    given: dict[str, Any] = {key: value}
    (sentence,) = refusal(**given)
    assert f"atlas:{key}" in sentence
    assert reason in sentence


@pytest.mark.parametrize("key", stacks.KEYS)
def test_refuses_a_key_that_is_none(key: str) -> None:
    given: dict[str, Any] = {key: "/etc/ssl/private/server.key"}
    (sentence,) = refusal(**given)
    assert f"atlas:{key} isn't a private key in PEM form" in sentence


def test_takes_a_shorter_password_that_another_service_gave() -> None:
    given: dict[str, Any] = {"postgres": DATABASE, "marquez": {"database": {"host": "db.example.com"}}}
    accepted(**given, postgresPassword="kR7-mQ2x_Lw9")
    assert "easy to guess" in refusal(**given, postgresPassword="kR7-mQ2x")[0]


KEYED = {"mode": "external", "endpoint": "https://lineage.example.com", "apiKey": "true"}


def test_wants_an_api_key_where_marquez_asks_for_one() -> None:
    accepted(marquez=KEYED, marquezApiKey="kR7-mQ2x_Lw9")
    accepted(marquez=KEYED | {"apiKey": "false"}, marquezApiKey="")
    (sentence,) = refusal(marquez=KEYED, marquezApiKey="")
    assert sentence.startswith("Stack try lacks atlas:marquezApiKey, which the services that are run elsewhere gave")
    assert "easy to guess" in refusal(marquez=KEYED, marquezApiKey="kR7-mQ2x")[0]


@pytest.mark.parametrize("key", stacks.SECRETS)
def test_refuses_a_secret_in_plain_text(key: str) -> None:
    (sentence,) = refusal(plain={key})
    assert f"atlas:{key} is kept in plain text" in sentence
    assert "--secret" in sentence


def test_refuses_a_secret_in_plain_text_in_the_committed_file(tmp_path: Path) -> None:
    # What `pulumi config set` does when one forgets --secret.
    text = stacks.SECRETS["redisPassword"]
    (tmp_path / "Pulumi.try.yaml").write_text(f"config:\n  atlas:redisPassword: {text}\n")
    shutil.copytree(stacks.PROGRAM / "images", tmp_path / "images")
    for private, plain in ((text, ["redisPassword"]), (stacks.made_up_secrets()["redisPassword"], [])):
        (sentence,) = refusal(program=tmp_path, plain=plain, redisPassword=private)
        assert re.fullmatch(r"atlas:redisPassword is kept in plain text\..*--secret.*\.", sentence)


def test_names_every_missing_secret_in_one_sentence() -> None:
    with pytest.raises(SettingsError) as caught:
        loaded({})
    (sentence,) = str(caught.value).splitlines()
    wanted = [*stacks.PASSWORDS, *stacks.KEYS, *(f"certificates.{name}" for name in stacks.CERTIFICATES)]
    assert [name for name in wanted if f"atlas:{name}" not in sentence] == []
    assert "atlas up --stack try --init-only" in sentence
    assert "pulumi config set --secret" in sentence


def test_names_the_missing_ones_alone() -> None:
    (sentence,) = refusal(redisPassword="", certificates={**stacks.certificates(), "postgres": ""})
    assert re.findall(r"atlas:[\w.]+\w", sentence) == ["atlas:redisPassword", "atlas:certificates.postgres"]


def test_wants_no_secret_of_a_service_that_is_run_elsewhere() -> None:
    with pytest.raises(SettingsError) as caught:
        loaded({}, stack="production")
    assert set(re.findall(r"atlas:([\w.]+\w)", str(caught.value))) == {
        "postgresPassword",
        "marquezDatabasePassword",
        "redisPassword",
        "redisTlsKey",
        "objectStoreSecretKey",
        "objectStoreErasureSecretKey",
        "certificates.ca",
        "certificates.redis",
    }
