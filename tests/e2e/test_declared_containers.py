"""The container half starts what the components declare: nothing of it is dropped on the way to the docker client."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from declared_containers import (
    CONTAINER,
    HANDLED,
    TRANSLATIONS,
    UNTRANSLATED,
    Inputs,
    UntranslatedError,
    build_command,
    container_command,
    options,
    recorded,
    role,
)

Resources = list[dict[str, Any]]
# What each carries parts of, a list of them or one.
WITH_PARTS = ("labels", "capabilities", "volumes", "networksAdvanced", "ports", "healthcheck")


@pytest.fixture(scope="module", name="resources")
def fixture_resources() -> Resources:
    return [one for one in recorded("translated")[0] if one["type"].startswith("docker:")]


def test_everything_declared_is_translated_or_excused(resources: Resources) -> None:
    assert {one["type"] for one in resources} == TRANSLATIONS.keys()
    for one in resources:
        options(one["type"], one["inputs"])
        if one["type"] == CONTAINER:
            container_command(one["inputs"], "image")
        if "build" in one["inputs"]:
            build_command(one["inputs"])


def test_no_input_is_known_in_two_ways() -> None:
    for kind, translations in TRANSLATIONS.items():
        ways = [*translations, *HANDLED[kind], *UNTRANSLATED[kind]]
        assert len(ways) == len(set(ways))
        assert all(UNTRANSLATED[kind].values())


def test_no_excuse_outlives_what_it_excuses(resources: Resources) -> None:
    for kind, excuses in UNTRANSLATED.items():
        declared = {name for one in resources if one["type"] == kind for name in one["inputs"]}
        assert excuses.keys() <= declared


def test_an_input_that_nobody_knows_is_refused(resources: Resources) -> None:
    for one in resources:
        with pytest.raises(UntranslatedError, match="declares gpus"):
            options(one["type"], one["inputs"] | {"gpus": "all"})


@pytest.mark.parametrize("name", WITH_PARTS)
def test_a_part_that_nobody_knows_is_refused(resources: Resources, name: str) -> None:
    inputs = changed_service(resources)
    part = inputs[name][0] if isinstance(inputs[name], list) else inputs[name]
    part["invented"] = 1
    with pytest.raises(UntranslatedError, match="declares invented"):
        options(CONTAINER, inputs)


def test_a_build_option_that_nobody_knows_is_refused(resources: Resources) -> None:
    inputs = copy.deepcopy(next(one["inputs"] for one in resources if "build" in one["inputs"]))
    inputs["build"]["target"] = "build"
    with pytest.raises(UntranslatedError, match="declares target"):
        build_command(inputs)


def changed_service(resources: Resources) -> Inputs:
    """A service's inputs, to be changed."""
    return copy.deepcopy(next(one["inputs"] for one in resources if role(one) == "service"))
