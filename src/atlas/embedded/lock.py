"""A lock between commands, by a file."""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from atlas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_SECONDS = 240.0  # a start and a stop, each as slow as it may be


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that lets one command at a time start or stop the server."""
    with path.open("a") as file:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ServiceError(
                        f"Another command has held {path} for minutes. If an atlas command hangs, end it and try again."
                    ) from None
                time.sleep(0.02)
        yield
