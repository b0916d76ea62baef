"""Every setting refuses what it doesn't take in words that say what was given and what is allowed, and no secret."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
import stacks
from settings_support import Setting, every_setting

from atlas_infra.checks import SettingsError, load, load_settings
from atlas_infra.refusals import allowed

# A value of each kind, by what a refusal shows of it. Free texts take the first, what may be left out the second.
NEVER = {"is \\u0000 kR7mQ2x": "\0 kR7mQ2x", "is empty": None, "is a list": [1], "is -1.5": -1.5}
# How msgspec and Python speak.
JARGON = re.compile(r"`|[Ee]xpected|\bgot\b|\b(str|int|float|bool|null|array|dict|None|True|False)\b|\$|regex")
FREE = {"accessKey", "erasureAccessKey"}
# What must be given beside it.
BESIDE: dict[tuple[str, str | None], dict[str, Any]] = {
    ("postgres", "external"): {"host": "db.example.com"},
    ("redis", "external"): {"host": "cache.example.com"},
    ("objectStore", "external"): {"endpoint": "https://s3.example.com", "accessKey": "one", "erasureAccessKey": "two"},
    ("marquez", "external"): {"endpoint": "http://marquez.example.com"},
}


def refused(setting: Setting, value: Any) -> list[str]:
    """The sentences about a setting that is given this value."""
    service, *inner = setting.path.split(".")
    whole: dict[str, Any] = {service: copy.deepcopy(BESIDE.get((service, setting.mode), {}))}
    if service == "postgres" and setting.mode == "external":
        whole["marquez"] = {"mode": "external", **BESIDE["marquez", "external"]}
    if setting.mode is not None:
        whole[service]["mode"] = setting.mode
    if inner[:1] == ["database"] and len(inner) > 1:
        whole[service]["database"] = {"host": "db.example.com"}
    *above, last = setting.path.split(".")
    holder = whole
    for name in above:
        holder = holder.setdefault(name, {})
    holder[last] = value
    try:
        load_settings("try", {key: item if isinstance(item, str) else json.dumps(item) for key, item in whole.items()})
    except SettingsError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("setting", every_setting(), ids=lambda it: f"{it.path}-{it.mode}")
def test_says_what_was_given_and_what_is_allowed(setting: Setting) -> None:
    for shown in NEVER:
        says(setting, shown)


def says(setting: Setting, shown: str) -> None:
    """Hold what is said of one wrong value of a setting against the two."""
    if "." not in setting.path and shown == "is empty":
        return  # Pulumi hands no null over
    sentences = refused(setting, NEVER[shown])
    if not sentences:
        free = any(setting.path.endswith(f".{name}") for name in FREE)
        assert (shown == "is empty" and setting.default is None) or (free and "kR7" in shown)
        return
    if sentences[0].startswith(f"atlas:{setting.path.rpartition('.')[0]} takes either ref"):
        return  # an image without a source
    (sentence,) = sentences
    assert sentence.startswith(f"atlas:{setting.path} ")
    assert sentence.endswith(f"; it has to be {allowed(setting.kind)}.")
    assert not JARGON.search(sentence)
    hidden = "BEGIN CERTIFICATE" in sentence and shown not in {"is empty", "is a list"}
    assert ("isn't shown, since it may be secret" if hidden else shown) in sentence.replace('"', "")
    assert ("kR7" in sentence) == ("kR7" in shown and not hidden)


def test_tries_settings_of_every_kind() -> None:
    said = {re.sub(r"[\d.]+", "#", allowed(setting.kind)) for setting in every_setting()}
    assert {"a whole number from # to #", "a number from # to # (cores)", "true or false"} <= said
    assert {"one of require, verify-ca, verify-full", "an object of names and texts"} <= said
    assert len(every_setting()) > 60


@pytest.mark.parametrize("number", range(3))
def test_shows_nothing_that_is_kept_encrypted(number: int) -> None:
    given, start = [
        ({"redis": '{"port": "kR7mQ2x"}'}, "atlas:redis.port has a value that isn't shown"),
        ({"host": "kR7mQ2x kR7mQ2x"}, "atlas:host has a value that isn't shown"),
        ({"postgres": '{"mode": "kR7mQ2x"}'}, "atlas:postgres.mode has a value that isn't shown"),
    ][number]
    with pytest.raises(SettingsError) as caught:
        load("try", stacks.config() | given, {*stacks.SECRETS, *given})
    assert str(caught.value).startswith(start)
    assert "kR7" not in str(caught.value)
