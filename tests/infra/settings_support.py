"""Settings as a user gives them, taken or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import msgspec
import pytest
import stacks

from atlas_infra.checks import SettingsError, load
from atlas_infra.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

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


class Setting(NamedTuple):
    """A setting as the types declare it.

    Attributes:
        path: its name without the namespace, such as ``redis.image.ref``.
        mode: of its service, where the service has two.
        kind: its type.
        default: its default; ``msgspec.NODEFAULT`` where it must be given.
    """

    path: str
    mode: str | None
    kind: Any
    default: Any


def every_setting() -> list[Setting]:
    """All settings that hold a value, in the types' order."""
    return list(_inside(Settings, Settings(), "", None))


def _inside(struct: Any, defaults: Any, path: str, mode: str | None) -> Iterator[Setting]:
    for field in msgspec.structs.fields(struct):
        name = f"{path}{field.encode_name}"
        default = getattr(defaults, field.name, field.default)
        inner = [option for option in (field.type, *get_args(field.type)) if _is_struct(option)]
        for option in inner:
            given = default if isinstance(default, option) else None
            yield from _inside(option, given, f"{name}.", option.__struct_config__.tag or mode)
        if not inner:
            if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
                default = field.default_factory()
            yield Setting(name, mode, field.type, default)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
