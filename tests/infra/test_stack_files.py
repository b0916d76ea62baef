"""A stack's committed file, and the private configuration over it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest
import stacks
from settings_support import accepted, refusal

from atlas_infra.settings import Certificates, Settings

if TYPE_CHECKING:
    from pathlib import Path


def written(directory: Path, content: str) -> Path:
    (directory / "Pulumi.try.yaml").write_text(content, encoding="utf-8")
    shutil.copytree(stacks.PROGRAM / "images", directory / "images")
    return directory


def test_overlays_the_committed_file_object_by_object(tmp_path: Path) -> None:
    program = written(
        tmp_path,
        "config:\n"
        "  atlas:host: data1.example.com\n"
        "  atlas:redis: {port: 7000, memory: 512}\n"
        "  atlas:redisPassword: {secure: v1:abc}\n"
        "  aws:region: eu-central-1\n",
    )
    taken = accepted(program=program, redis={"mode": "container", "memory": 1024})
    # `container` is what no mode means, so the file's port holds.
    assert (taken.host, taken.redis.port, taken.redis.memory) == (  # type: ignore[union-attr]
        "data1.example.com",
        7000,
        1024,
    )


def test_drops_the_other_modes_settings(tmp_path: Path) -> None:
    program = written(tmp_path, "config:\n  atlas:redis: {port: 7000, memory: 512}\n")
    taken = accepted(program=program, redis={"mode": "external", "host": "cache.example.com"})
    assert (taken.redis.port, taken.redis.host) == (6379, "cache.example.com")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("file", "private"),
    [('{ref: "redis:8.0.2"}', {"build": "images/postgres"}), ("{build: images/postgres}", {"ref": "redis:8.0.2"})],
)
def test_an_image_may_come_from_elsewhere_than_the_committed_file_says(
    tmp_path: Path, file: str, private: dict[str, str]
) -> None:
    program = written(tmp_path, f"config:\n  atlas:redis: {{image: {file}}}\n")
    image = accepted(program=program, redis={"image": private}).redis.image  # type: ignore[union-attr]
    assert {"ref": image.ref, "build": image.build} == {"ref": None, "build": None} | private


@pytest.mark.parametrize("content", ["config: [", "- a\n- b\n", "config: yes\n", "config:\n  1: 2\n", "\tx: y\n", "\0"])
def test_refuses_a_stack_file_that_cant_be_read(tmp_path: Path, content: str) -> None:
    program = written(tmp_path, content)
    assert refusal(program=program) == [f"{program}/Pulumi.try.yaml can't be read as a stack's settings."]


def test_refuses_a_stack_file_of_other_bytes(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.try.yaml").write_bytes(b"config:\n  atlas:host: \xff\xfe\n")
    assert refusal(program=tmp_path) == [f"{tmp_path}/Pulumi.try.yaml can't be read as a stack's settings."]


def test_refuses_a_directory_for_a_stack_file(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.try.yaml").mkdir()
    assert refusal(program=tmp_path) == [f"{tmp_path}/Pulumi.try.yaml can't be read as a stack's settings."]


@pytest.mark.parametrize("content", ["", "config:\n", "encryptionsalt: v1:abc\n"])
def test_takes_a_stack_file_that_says_nothing(tmp_path: Path, content: str) -> None:
    taken = accepted(program=written(tmp_path, content))
    assert msgspec.structs.replace(taken, certificates=Certificates()) == Settings()
