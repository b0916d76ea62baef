"""Settings as a user gives them, taken or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stacks

from atlas_infra.checks import SettingsError, load

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from atlas_infra.settings import Settings

DATABASE = {"mode": "external", "host": "db.example.com"}


def loaded(
    config: Mapping[str, str],
    *,
    stack: str = "try",
    plain: Collection[str] = (),
    program: Path = stacks.PROGRAM,
    docker_host: str = "",
) -> Settings:
    """Load a configuration, whose secrets are encrypted but for ``plain``, where ``DOCKER_HOST`` says this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", docker_host)
        return load(stack, config, {key for key in stacks.SECRETS if key in config} - set(plain), program)


def accepted(*, program: Path = stacks.PROGRAM, docker_host: str = "", **given: Any) -> Settings:
    """Settings of a stack that has all secrets, besides what is given."""
    return loaded(stacks.config(**given), program=program, docker_host=docker_host)


def refusal(
    *, plain: Collection[str] = (), program: Path = stacks.PROGRAM, docker_host: str = "", **given: Any
) -> list[str]:
    """The sentences that settings are refused with, none of which may show a secret."""
    with pytest.raises(SettingsError) as caught:
        loaded(stacks.config(**given), plain=plain, program=program, docker_host=docker_host)
    message = str(caught.value)
    assert not [key for key in stacks.SECRETS if stacks.shows(message, key)]
    assert not [key for key in stacks.SECRETS if given.get(key) and str(given[key]) in message]
    sentences = message.splitlines()
    assert all(sentence.endswith(".") for sentence in sentences)
    return sentences
