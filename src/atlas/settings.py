"""Settings, read from the environment once per command. Nothing here imports anything heavy."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from atlas.errors import UsageError

DATABASE_NAME = "atlas"
DATABASE_ROLE = "atlas"

# Of the embedded server. It only names the socket's file; nothing listens on TCP.
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
# sockaddr_un.sun_path holds 104 bytes on macOS and 108 on Linux, the closing NUL included.
SOCKET_PATH_LIMIT = 103


@dataclass(frozen=True)
class Settings:
    """Where things are.

    Attributes:
        home: the user's data directory for Atlas (``ATLAS_HOME``, else ``$XDG_DATA_HOME/atlas``, else
            ``~/.local/share/atlas``); the embedded server lives in it.
        database_url: a libpq URI of a server to use instead of the embedded one (``ATLAS_DATABASE_URL``). Kept
            out of ``repr``, since it may hold a password.
        postgres_bin: directory with ``initdb`` and ``pg_ctl`` to use for the embedded server instead of the
            wheel's (``ATLAS_POSTGRES_BIN``).
        project: the directory with ``dbt_project.yml`` (``ATLAS_PROJECT``, else the nearest one upwards from
            the working directory).
    """

    home: Path
    database_url: str | None = field(repr=False)
    postgres_bin: Path | None
    project_hint: Path | None

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings; an empty variable counts as unset."""

        def path_of(name: str) -> Path | None:
            value = os.environ.get(name)
            return Path(value).expanduser().absolute() if value else None

        data_home = path_of("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return cls(
            home=path_of("ATLAS_HOME") or data_home / "atlas",
            database_url=os.environ.get("ATLAS_DATABASE_URL") or None,
            postgres_bin=path_of("ATLAS_POSTGRES_BIN"),
            project_hint=path_of("ATLAS_PROJECT"),
        )

    @property
    def socket_directory(self) -> Path:
        """Directory of the embedded server's socket, as a client names it.

        It is ``<home>/run``; where that is too long for a socket's name, a directory in /tmp named by the hash of
        the long path. ``profiles/profiles.yml`` follows the same rule, so that plain dbt finds the server too.
        """
        wanted = self.home / "run"
        if len(os.fsencode(wanted / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return wanted
        digest = hashlib.md5(os.fsencode(wanted), usedforsecurity=False).hexdigest()
        return Path("/tmp") / f"atlas-{digest[:16]}"  # noqa: S108 - the owner and the mode are checked at start

    @property
    def project(self) -> Path:
        """The project's directory.

        Raises:
            UsageError: there is no ``dbt_project.yml`` here or above.
        """
        if self.project_hint is not None:
            if (self.project_hint / "dbt_project.yml").is_file():
                return self.project_hint
            raise UsageError(f"ATLAS_PROJECT is {self.project_hint}, but there is no dbt_project.yml in it.")
        here = Path.cwd()
        for directory in (here, *here.parents):
            if (directory / "dbt_project.yml").is_file():
                return directory
        raise UsageError(
            f"There is no dbt_project.yml in {here} or above it. Change to the project's directory, "
            "or set ATLAS_PROJECT to it."
        )
