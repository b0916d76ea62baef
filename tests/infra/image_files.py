"""What the images' own files do: their Dockerfiles, entrypoints, SQL and policies, read as text."""

from __future__ import annotations

import itertools
import json
import re
from string import Template
from typing import TYPE_CHECKING, Any

from stacks import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGES = PROGRAM / "images"
SECRETS = "/run/secrets"
# The image that serves a container, by the container's service; Redis's stands in for the published one.
DIRECTORIES = {"postgres": "postgres", "object-store": "minio", "redis": "redis"}


def text_of(service: str, name: str) -> str:
    return (IMAGES / DIRECTORIES[service] / name).read_text(encoding="utf-8")


def instructions(service: str) -> Iterator[tuple[str, str]]:
    """A Dockerfile's instructions of its last stage, lines joined, each with its keyword."""
    lines = [line for line in text_of(service, "Dockerfile").splitlines() if not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    found = [line.partition(" ")[::2] for line in whole.splitlines() if line.strip()]
    start = max(position for position, (keyword, _) in enumerate(found) if keyword == "FROM")
    return ((keyword, " ".join(rest.split())) for keyword, rest in found[start:])


def all_of(service: str, keyword: str) -> list[str]:
    return [rest for found, rest in instructions(service) if found == keyword]


def scripts(service: str) -> str:
    """Everything that the image runs by itself."""
    directory = IMAGES / DIRECTORIES[service]
    names = [name for name in ("entrypoint.sh", "healthy") if (directory / name).exists()]
    return "\n".join(text_of(service, name) for name in names)


def _assigned(script: str) -> dict[str, list[str]]:
    """Values that a script's constants and loop variables take, by name."""
    values: dict[str, list[str]] = {}
    for line in re.findall(r"^\s*readonly (.*?)(?:#.*)?$", script, re.MULTILINE):
        for name, value in re.findall(r"(\w+)=(\S+)", line):
            values.setdefault(name, []).append(value)
    for name, words in re.findall(r"\bfor (\w+) in ([^;\n]+); do", script):
        values.setdefault(name, []).extend(words.split())
    return values


def expanded(word: str, values: dict[str, list[str]]) -> set[str]:
    """A word with every value of its variables put in; unknown ones stay."""
    names = sorted({plain or braced for plain, braced in re.findall(r"\$(?:(\w+)|\{(\w+)\})", word)} & values.keys())
    if not names:
        return {word}
    chosen = (dict(zip(names, taken, strict=True)) for taken in itertools.product(*(values[name] for name in names)))
    return {text for one in chosen for text in expanded(Template(word).safe_substitute(one), values)}


def secret_files(script: str) -> set[str]:
    """The files under /run/secrets that a text names, in a shell's terms or plainly."""
    values = _assigned(script)
    words = {text for word in re.findall(r"[\w$/{}.@-]+", script) for text in expanded(word, values)}
    paths = {match for word in words for match in re.findall(rf"{SECRETS}/[\w./-]+", word)}
    files = {path.rstrip(".") for path in paths}
    return {path for path in files if not any(other.startswith(f"{path}/") for other in files)}


def required_files(service: str) -> set[str]:
    """The files without which the image refuses to start."""
    script = text_of(service, "entrypoint.sh")
    (check,) = re.findall(r"^check_(?:secrets|settings)\(\) \{.*?^\}", script, re.MULTILINE | re.DOTALL)
    constants = "\n".join(re.findall(r"^readonly.*$", script, re.MULTILINE))
    return secret_files(f"{constants}\n{check}")


def users() -> dict[str, str]:
    """The object store's users besides root, and their secret keys' files."""
    script = text_of("object-store", "entrypoint.sh")
    return dict(re.findall(r"^\s+user ([\w-]+) \$secrets/(\w+)$", script, re.MULTILINE))


def policy(user: str) -> list[dict[str, Any]]:
    """Statements of a user's policy in the object store."""
    statements: list[dict[str, Any]] = json.loads(text_of("object-store", f"{user}.json"))["Statement"]
    return statements


def stated(user: str, effect: str) -> set[tuple[str, str]]:
    """What a policy allows or denies, as actions on resources; a condition makes it less than that."""
    return {
        (action, resource)
        for statement in policy(user)
        if statement["Effect"] == effect and (effect == "Allow" or "Condition" not in statement)
        for action in statement["Action"]
        for resource in statement.get("Resource", ["*"])
    }
