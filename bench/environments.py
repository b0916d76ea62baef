"""What Atlas is measured beside, each in an environment of its own: it has no place among Atlas's dependencies."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import venv
from pathlib import Path

from bench.errors import BenchError

# The package, and the lock beside this file that pins it.
DLT, PRESIDIO = ("dlt", "dlt.lock"), ("presidio-analyzer", "presidio.lock")


def version_of(package: tuple[str, str]) -> str:
    """The version that the package's lock pins."""
    name, lock = package[0], _lock(package)
    found = re.search(rf"^{re.escape(name)}==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise BenchError(f"{lock} pins no {name}.")
    return found[1]


def python_of(package: tuple[str, str], cache: Path) -> Path:
    """The interpreter of the package's environment, which is made in ``cache`` unless it is there.

    Raises:
        BenchError: it can't be installed; has the reason.
    """
    name, lock = package[0], _lock(package)
    locked = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    directory = cache / f"{name}-{version_of(package)}-py{sys.version_info.major}.{sys.version_info.minor}-{locked}"
    python, complete = directory / "bin" / "python", directory / ".complete"
    if complete.is_file():
        return python
    venv.create(directory, clear=True, symlinks=True)
    wanted = ["--require-hashes", "--no-deps", "-r", str(lock)]
    # Development's environment has uv; pip may be there or not.
    installers = (
        [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--system-certs"],
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"],
    )
    reasons = []
    for installer in installers:
        target = ["--python", str(python)] if "uv" in installer[0] else []
        try:
            done = subprocess.run([*installer, *target, *wanted], check=False, capture_output=True, text=True)
        except OSError as error:
            reasons.append(f"{installer[0]}: {error.strerror}")
            continue
        if done.returncode == 0:
            complete.touch()
            return python
        reasons.append(" ".join(done.stderr.split())[-300:])
    raise BenchError(f"{name} {version_of(package)} could not be installed: {'; '.join(reasons)}.")


def _lock(package: tuple[str, str]) -> Path:
    return Path(__file__).with_name(package[1])
