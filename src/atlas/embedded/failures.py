"""The system's refusals, as sentences for the user."""

from __future__ import annotations

import errno
import os
import pwd
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from atlas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.embedded.layout import Layout

# An empty cluster takes 40 MB and its first segments of WAL as much again.
WANTED_FREE_BYTES = 100 * 2**20
# Less than one segment of WAL: the server can't start, nor can it always say so in a log on the same disk.
FULL_BELOW_BYTES = 16 * 2**20


@contextmanager
def explaining(layout: Layout) -> Iterator[None]:
    """Turn the system's refusals into sentences for the user."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise disk_full(layout) from error
        raise ServiceError(
            f"The embedded PostgreSQL can't use {error.filename or layout.home}: {error.strerror}. Give "
            f"{user_name(os.geteuid())} access to it, or set ATLAS_HOME to another directory."
        ) from error


def user_name(uid: int) -> str:
    """Name of a user, or its number where it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def failure(layout: Layout, what: str, output: str) -> ServiceError:
    """What a failed initdb or pg_ctl means, from its output."""
    if "No space left on device" in output or "Disk quota exceeded" in output or _free(layout) < FULL_BELOW_BYTES:
        return disk_full(layout)
    reasons = re.findall(r"(?:FATAL|PANIC|ERROR|error): +(.+)", output) or output.split("\n")
    reason = next((line.strip() for line in reversed(reasons) if line.strip()), "it gave no reason")
    return ServiceError(f"{what} failed: {reason.rstrip('.')}. The log is {layout.log}.")


def disk_full(layout: Layout) -> ServiceError:
    """The sentence about a full disk."""
    return ServiceError(
        f"There is no space left for the embedded PostgreSQL in {layout.data.parent} "
        f"({_free(layout) / 2**20:.0f} MB free). Make room for at least {WANTED_FREE_BYTES // 2**20} MB, or "
        "set ATLAS_HOME to a directory on a larger disk, and start it again."
    )


def _free(layout: Layout) -> int:
    """Bytes free on the data directory's disk."""
    there = next(path for path in (layout.data, *layout.data.parents) if path.exists())
    return shutil.disk_usage(there).free
