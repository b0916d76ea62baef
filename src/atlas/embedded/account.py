"""The user that runs the server, and the directories that are theirs.

That is who runs Atlas; but PostgreSQL refuses to run as root, so root has an account for it.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from atlas.embedded.failures import user_name
from atlas.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.embedded.layout import Layout

SERVER_ACCOUNTS = ("postgres", "atlas-postgres")


def server_account() -> pwd.struct_passwd:
    """The account to run the server as: the user's own, but another one for root, made if there is none.

    Raises:
        ServiceError: the user has no entry in /etc/passwd, or no account could be made for root.
    """
    if os.geteuid() != 0:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            raise ServiceError(
                f"User {os.geteuid()} has no entry in /etc/passwd, and PostgreSQL doesn't run without one. "
                "Add one, or use another server through ATLAS_DATABASE_URL."
            ) from None
    for name in SERVER_ACCOUNTS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    name = SERVER_ACCOUNTS[-1]
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        problem = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()
    except FileNotFoundError:
        problem = "there is no useradd"
    try:
        return pwd.getpwnam(name)  # also where another command was faster
    except KeyError:
        raise ServiceError(
            f"PostgreSQL doesn't run as root, and no account could be made for it ({problem}). Add a system "
            f"user {name}, or run Atlas as another user than root."
        ) from None


def run(
    command: list[Any],
    account: pwd.struct_passwd,
    environment: dict[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL's, as the server's account.

    It gets an environment of its own: PG* variables and the locale would change what it does, and the server,
    which outlives the command, has no use for the secrets in ours. It starts in ``/``, as the account may
    have no access to the working directory.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    if os.geteuid() == 0:
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    if "stdout" not in options:
        options["capture_output"] = True
    completed: subprocess.CompletedProcess[str] = subprocess.run(
        command,
        env=kept | {"LC_ALL": "C", "TZ": "UTC"} | (environment or {}),
        cwd="/",
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        check=False,
        umask=0o077,
        **options,
    )
    return completed


def make_directories(layout: Layout, account: pwd.struct_passwd) -> None:
    """Make the directories for the data and the socket; as root with links to them from the home.

    Raises:
        ServiceError: something is in their place that isn't ours.
    """
    if os.geteuid() != 0:
        _make_private(layout.sockets, account)
        return
    layout.store.mkdir(mode=0o755, parents=True, exist_ok=True)
    _make_private(layout.data.parent, account)
    _make_private(layout.sockets, account)
    for link, target in ((layout.home / "postgres", layout.data), (layout.socket_directory, layout.sockets)):
        if link == target:
            continue
        if not link.is_symlink() and not link.exists():
            link.symlink_to(target)
        elif not link.is_symlink() or link.readlink() != target:
            raise ServiceError(
                f"{link} is in the way: as root, Atlas keeps it in {target} and makes a link here. If "
                "another user made it, run Atlas as that user; else move it away, or set ATLAS_HOME to "
                "another directory."
            )


def _make_private(path: Path, account: pwd.struct_passwd) -> None:
    """Make a directory that only the server's account can enter, or check one that is there.

    Whoever can enter the socket's directory is trusted by the server, and in /tmp anyone may have made it.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        problem = "it is a link or a file"
    elif found.st_uid not in {account.pw_uid, os.geteuid()}:
        problem = f"it belongs to {user_name(found.st_uid)}"
    elif found.st_mode & 0o077:
        problem = f"others may enter it (its mode is {stat.S_IMODE(found.st_mode):o}, not 700)"
    else:
        if found.st_uid != account.pw_uid:
            os.chown(path, account.pw_uid, account.pw_gid)
        return
    raise ServiceError(
        f"{path} can't hold the embedded PostgreSQL's files: {problem}. Remove it, or set ATLAS_HOME to "
        "another directory."
    )
