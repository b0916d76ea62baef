"""What `atlas up` says while it waits, of real containers."""

from __future__ import annotations

import time

import pytest
from pulumi_support import removed_at_the_end
from stack_support import docker, require, throwaway_name

from atlas.stacks import health

pytestmark = pytest.mark.e2e

LABELS = ("--label", "atlas.role=service", "--label")


def test_a_container_that_crashes_over_and_over_is_told_of_once() -> None:
    require("docker")
    name, told = throwaway_name(), list[str]()
    image, labels = "redis:8.0.3", (*LABELS, f"atlas.stack={name}")
    with removed_at_the_end(name):
        docker("run", "-d", "--name", f"atlas-{name}-well", *labels, "--entrypoint", "sleep", image, "60")
        with health.restarts_told(name, None, told.append):
            crash = (
                "--restart",
                "unless-stopped",
                "--entrypoint",
                "sh",
                image,
                "-c",
                "sleep 0.5; echo no disk; exit 1",
            )
            docker("run", "-d", "--name", f"atlas-{name}-sick", *labels, *crash)
            end = time.monotonic() + 60
            while not told and time.monotonic() < end:
                time.sleep(0.2)
            time.sleep(2 * health.LOOK_EVERY_S)
    assert told == [f"  container atlas-{name}-sick crashes over and over; the last it said: no disk"]
