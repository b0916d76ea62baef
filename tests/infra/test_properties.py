"""No stack violates a property, and each property complains, alone, about each container that is made to violate it."""

from __future__ import annotations

import ast
import base64
import copy
import functools
import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import properties
import pytest
import stacks
import traps
from mutations import MUTATIONS, any_container, keeper_or_marquez, of_type, published, seed, service
from properties import NETWORK, SECURITY, containers, is_seed, mounted
from traps import TRAPS

if TYPE_CHECKING:
    from properties import Property
    from stacks import Resource, Stack

PROPERTIES: dict[str, Property] = {check.__name__: check for check in (*SECURITY, *TRAPS)}


def violations(stack: Stack) -> dict[str, list[str]]:
    return {name: found for name, check in PROPERTIES.items() if (found := list(check(stack)))}


@pytest.mark.parametrize("name", PROPERTIES)
def test_holds(name: str) -> None:
    for stack in stacks.NAMES:
        assert list(PROPERTIES[name](stacks.recorded(stack))) == [], stack


@pytest.mark.parametrize(
    ("stack", "services", "carriers"), [("local", 5, 4), ("staging", 5, 4), ("production", 3, 2), ("other", 5, 4)]
)
def test_walks_every_container(stack: str, services: int, carriers: int) -> None:
    # Without containers every property would hold.
    walked = containers(stacks.recorded(stack))
    assert (len(walked) - services, sum(map(is_seed, walked))) == (carriers, carriers)


def copied(stack: Stack) -> Stack:
    return stack._replace(resources=copy.deepcopy(stack.resources))


@functools.cache
def complaints(number: int) -> list[tuple[str, dict[str, list[str]]]]:
    """What is said of each resource that a mutation breaks, by the resource's name."""
    mutation, said = MUTATIONS[number], []
    for name in stacks.NAMES:
        whole = stacks.recorded(name)
        for position, resource in enumerate(whole.resources):
            if mutation.of(resource):
                broken = whole._replace(resources=whole.resources.copy())
                broken.resources[position] = copy.deepcopy(resource)
                mutation.change(broken.resources[position])
                said.append((resource["name"], violations(broken)))
    return said


@pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=lambda number: f"{number}-{MUTATIONS[number].breaks}")
def test_complains(number: int) -> None:
    said = complaints(number)
    assert said
    mutation = MUTATIONS[number]
    for name, found in said:
        assert set(found) - {mutation.also} == {mutation.breaks}, (name, found)


def publish_twice(first: Resource, second: Resource) -> None:
    second["inputs"]["ports"][0]["external"] = first["inputs"]["ports"][0]["external"]


def name_twice(first: Resource, second: Resource) -> None:
    second["inputs"]["name"] = first["inputs"]["name"]


def share_data(first: Resource, second: Resource) -> None:
    # Marquez keeps nothing, so either may be the one with data.
    data = next(volume for volume in sorted(mounted(first) | mounted(second)) if volume.endswith("-data"))
    for container in (first, second):
        container["inputs"]["volumes"].append({"volumeName": data, "containerPath": "/theirs"})


def share_secrets(first: Resource, second: Resource) -> None:
    second["inputs"]["volumes"].append(first["inputs"]["volumes"][0])


# What it takes two resources for: the property, which resources, what becomes of the first two.
PAIRS: list[tuple[str, Callable[[Resource], bool], Callable[[Resource, Resource], None]]] = [
    ("published_ports_are_unique", published, publish_twice),
    ("names_tell_stacks_apart", any_container, name_twice),
    ("volumes_are_not_shared", keeper_or_marquez, share_data),
    ("volumes_are_not_shared", seed, share_secrets),
]


def complaints_of_a_pair(number: int, stack: str) -> dict[str, list[str]]:
    _, of, change = PAIRS[number]
    broken = copied(stacks.recorded(stack))
    first, second, *_ = filter(of, broken.resources)
    change(first, second)
    return violations(broken)


@pytest.mark.parametrize("stack", stacks.NAMES)
@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_complains_of_a_pair(number: int, stack: str) -> None:
    assert PAIRS[number][0] in complaints_of_a_pair(number, stack)


def complaints_of_a_second_network(stack: str) -> dict[str, list[str]]:
    broken = copied(stacks.recorded(stack))
    network = copy.deepcopy(next(filter(of_type(NETWORK), broken.resources)))
    network["inputs"]["name"] += "-2"
    broken.resources.append(network)
    return violations(broken)


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_complains_of_a_second_network(stack: str) -> None:
    assert list(complaints_of_a_second_network(stack)) == ["one_private_network"]


@pytest.mark.parametrize("key", stacks.SECRETS)
@pytest.mark.parametrize("shape", ["{}", "https://user:{}@host", "base64"])
def test_finds_every_secret_in_any_shape(key: str, shape: str) -> None:
    text = next(line for line in stacks.SECRETS[key].splitlines() if not line.startswith("---"))
    shown = base64.b64encode(text.encode()).decode() if shape == "base64" else shape.format(text)
    for position, resource in enumerate(stacks.recorded("local").resources):
        if service(resource):
            broken = copied(stacks.recorded("local"))
            broken.resources[position]["inputs"]["envs"] = [f"SETTING={shown}"]
            assert [complaint for found in violations(broken).values() for complaint in found] == [
                f"{resource['name']} shows {key} in inputs.envs.0"
            ]


def test_every_property_is_tried() -> None:
    tried = {mutation.breaks for mutation in MUTATIONS} | {"published_ports_are_unique"}
    assert tried == set(PROPERTIES)


def sentences() -> dict[str, str]:
    """Every sentence that a property can say, as a pattern, by where it stands."""
    found = {}
    for module in (properties, traps):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            said = node.value if isinstance(node, ast.Yield) else None
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "found.append":
                (said,) = node.args
            if isinstance(said, ast.JoinedStr):
                parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*" for part in said.values]
                found[f"{module.__name__}.py:{said.lineno}"] = "".join(parts)
    return found


def test_every_sentence_is_provoked() -> None:
    found = [one for number in range(len(MUTATIONS)) for _, one in complaints(number)]
    found += [complaints_of_a_pair(number, "local") for number in range(len(PAIRS))]
    found.append(complaints_of_a_second_network("local"))
    provoked = {sentence for one in found for said in one.values() for sentence in said}
    assert len(sentences()) > 60
    missing = {
        place: sentence
        for place, sentence in sentences().items()
        if not any(re.fullmatch(sentence, one, re.DOTALL) for one in provoked)
    }
    assert missing == {}
