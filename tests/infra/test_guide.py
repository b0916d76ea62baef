"""The guide to provisioning says what the code does: its settings, its commands, its messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import stacks
import yaml
from settings_support import every_setting

from atlas.settings import STACK_VARIABLES
from atlas_infra.refusals import allowed
from atlas_infra.secrets import SECRETS
from atlas_infra.settings import Settings

PROJECT = stacks.PROGRAM.parent
GUIDE = (PROJECT / "docs" / "guides" / "provisioning.md").read_text(encoding="utf-8")
SOURCES = [*PROJECT.glob("src/atlas/**/*.py"), *PROJECT.glob("infra/atlas_infra/**/*.py")]
HEADINGS = {None: "For the stack", "container": "In a container", "external": "Run elsewhere"}
ROW = re.compile(r"\| `atlas:([\w.<>]+)` \| (.*?) \| (.*?) \| .+? \|")
# What other programs say.
FOREIGN = {"password authentication failed", "certificate verify failed", "unable to pull image", "OOMKilled"}


def section(heading: str) -> str:
    """A section's text, up to the next heading."""
    (found,) = re.findall(rf"^#+ {re.escape(heading)}.*?\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


def written(default: Any) -> str:
    if default is msgspec.NODEFAULT:
        return "must be given"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if default not in (None, "", {}) else "none"


@pytest.mark.parametrize("mode", HEADINGS)
def test_the_table_has_each_setting_with_its_default_and_what_it_takes(mode: str | None) -> None:
    rows = {name: (default, takes) for name, default, takes in ROW.findall(section(HEADINGS[mode]))}
    declared = {
        setting.path: (written(setting.default), allowed(setting.kind))
        for setting in every_setting()
        if setting.mode == mode
    }
    used = {path: path if path in rows else re.sub(r"^\w+", "<service>", path) for path in declared}
    assert {path: rows.get(used[path]) for path in declared} == declared
    assert rows.keys() - used.values() == set()


def commands() -> Iterator[str]:
    """Every ``pulumi config`` in the guide, whether in a block or in a line."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
    spans = re.findall(r"`([^`]*pulumi config[^`]*)`", re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL))
    for text in (*blocks.splitlines(), *spans):
        yield from re.findall(r"pulumi config (?:set|rm|get)\b[^|&#]*", " ".join(text.split()))


def test_a_name_with_a_dot_is_given_with_path() -> None:
    dotted = [command for command in commands() if re.search(r"atlas:\w+\.\w", command)]
    assert len(dotted) >= 6
    assert [command for command in dotted if "--path" not in command] == []
    # And a secret is never set in plain text.
    keys = "|".join(secret.key for secret in SECRETS)
    of_secrets = [command for command in commands() if re.search(rf"set .*atlas:({keys})\b", command)]
    assert len(of_secrets) >= 5
    assert [command for command in of_secrets if "--secret" not in command] == []


def test_the_commands_name_settings_and_secrets_that_there_are() -> None:
    paths = {setting.path for setting in every_setting()}
    known = paths | {path.partition(".")[0] for path in paths} | {secret.key for secret in SECRETS}
    known |= {f"{service}.mode" for service in ("postgres", "redis", "objectStore", "marquez")}
    named = {name for command in commands() for name in re.findall(r"atlas:([\w.]*\w)", command)}
    assert named
    assert named - known == set()


def test_secrets_in_the_text_are_the_stack_s() -> None:
    named = set(re.findall(r"\b(?:atlas:)?(\w+(?:Password|SecretKey|ApiKey|TlsKey))\b", GUIDE))
    assert named - {secret.key for secret in SECRETS} == set()


def test_every_message_is_one_of_ours_or_another_program_s() -> None:
    code = " ".join(re.sub(r'"\s+f?"', "", path.read_text(encoding="utf-8")) for path in SOURCES)
    rows = re.findall(r"^\| (`.*?) \|", section("When something is wrong"), re.MULTILINE)
    assert len(rows) >= 10
    for row in rows:
        (message, *_) = re.findall(r"`([^`]*)`", row)
        # What is filled in differs; what stands between doesn't.
        parts = re.split(
            r"…|restarting|(?<= be )|v3\.|atlas:\w+(?:\.\w+)?|\"[^\"]*\"|127\.0\.0\.1:\d+|\b\d+\b", message
        )
        ours = [part for part in parts if len(part.strip(" .,;'")) > 6]
        assert message in FOREIGN or (ours and all(part.strip() in code for part in ours)), message


def test_what_is_said_of_images_is_so() -> None:
    staging = yaml.safe_load((stacks.PROGRAM / "Pulumi.staging.yaml").read_text(encoding="utf-8"))
    settings = Settings()
    pinned = section("What is pinned")
    assert f"`staging`: one day's, `{staging['config']['atlas:build']['base']}`" in pinned
    assert f"`local`: `{settings.build.base}`" in pinned
    made = section("What it makes")
    for image in (settings.redis, settings.marquez):
        assert f"`{image.image.ref}`" in made  # type: ignore[union-attr]


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)", GUIDE, re.M)
    }
    for target in re.findall(r"\]\(([^)]*)\)", GUIDE):
        path, _, anchor = target.partition("#")
        if path.startswith("https://"):
            continue
        assert not path or (PROJECT / "docs" / "guides" / path).is_file(), target
        assert not anchor or anchor in headings, target


def test_files_in_the_text_are_there() -> None:
    for path in re.findall(r"`((?:infra|samples|docs)/[\w./-]+\w)`", GUIDE):
        assert (PROJECT / path.replace("NAME", "local")).exists(), path
    for variable in re.findall(r"\b(ATLAS_\w+)\b", GUIDE):
        assert variable in {"ATLAS_HOME", *(known.name for known in STACK_VARIABLES)}
