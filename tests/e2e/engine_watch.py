"""What the Docker engine holds, and what every container of a stack said while it lived."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from typing import TYPE_CHECKING

from stack_support import docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LISTED = {
    "container": ("container", "ls", "--all", "--no-trunc"),
    "volume": ("volume", "ls"),
    "network": ("network", "ls", "--no-trunc"),
}


def on_engine(stack: str) -> dict[str, set[str]]:
    """Containers, volumes (those without a name, too) and networks by kind, but for what another stack owns."""
    found = {}
    for kind, listing in LISTED.items():
        everything, of_stacks, ours = (
            set(
                docker(
                    *listing, "--quiet", *(option for one in labels for option in ("--filter", f"label={one}"))
                ).split()
            )
            for labels in ((), ("atlas.stack",), (f"atlas.stack={stack}",))
        )
        found[kind] = everything - (of_stacks - ours)
    return found


@contextlib.contextmanager
def watched(stack: str, directory: Path) -> Iterator[None]:
    """Keep, a file each, what the engine says of each of the stack's containers, and all that they say.

    A container that is replaced takes its log with it, so each is followed from its start.
    """
    directory.mkdir()
    events = subprocess.Popen(
        [
            "docker",
            "events",
            "--filter",
            f"label=atlas.stack={stack}",
            "--filter",
            "type=container",
            "--format",
            "{{json .}}",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    followers: list[subprocess.Popen[bytes]] = []
    listener = threading.Thread(target=_follow, args=(events, directory, followers), daemon=True)
    listener.start()
    try:
        yield
    finally:
        events.terminate()
        events.wait()
        listener.join()
        for follower in followers:
            follower.terminate()
            follower.wait()


def _follow(events: subprocess.Popen[str], directory: Path, followers: list[subprocess.Popen[bytes]]) -> None:
    assert events.stdout is not None
    for number, line in enumerate(events.stdout):
        event = json.loads(line)
        identity, action = event["Actor"]["ID"], event["Action"]
        name = f"{number:04}-{event['Actor']['Attributes']['name']}"
        if action == "create":
            (directory / f"{name}.json").write_text(docker("inspect", identity, ok=False))
        elif action == "start":
            with (directory / f"{name}.log").open("wb") as log:
                followers.append(
                    subprocess.Popen(["docker", "logs", "--follow", identity], stdout=log, stderr=subprocess.STDOUT)
                )
