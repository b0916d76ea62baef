"""What lies where.

::

    <home>/postgres       the data directory (as root: a link to /var/lib/atlas/<hash of the home>/postgres)
    <home>/run            the socket's directory (as root: a link, too); see ``Settings.socket_directory``
    <home>/postgres.log   what the server and ``pg_ctl`` said
    <home>/postgres.lock  held while one command starts or stops the server

One data directory serves one major version. A directory per version would start empty after an upgrade of the
wheel, which looks like lost data; so another major version is refused instead.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlas.settings import Settings

# Where the server's files live when Atlas runs as root. PostgreSQL refuses to run as root, and the account
# that runs it instead can't enter root's home; opening that home for it is not ours to do.
# Tests put another directory here; it is read in layout_of, and nowhere else.
STORE = Path("/var/lib/atlas")


@dataclass(frozen=True)
class Layout:
    """The server's paths.

    Attributes:
        home: ``Settings.home``.
        store: root's place for what the server's account must reach.
        data: the real data directory.
        sockets: the real directory of the socket.
        socket_directory: the same as a client names it.
    """

    home: Path
    store: Path
    data: Path
    sockets: Path
    socket_directory: Path

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    @property
    def lock(self) -> Path:
        """The file that a starting or stopping command holds."""
        return self.home / "postgres.lock"

    @property
    def marker(self) -> str:
        """Name of the cluster, by which the server's command line tells it from any other process."""
        return f"atlas-{_digest(self.data)}"


def layout_of(settings: Settings) -> Layout:
    """The paths for a home, as the user who runs Atlas has them."""
    home, sockets = settings.home, settings.socket_directory
    if os.geteuid() != 0:
        # Resolved, since it may be a link to a larger disk, and initdb works beside the real directory.
        return Layout(home, STORE, (home / "postgres").resolve(), sockets, sockets)
    own = STORE / _digest(home)
    return Layout(home, STORE, own / "postgres", own / "run" if sockets == home / "run" else sockets, sockets)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
