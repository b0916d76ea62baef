"""dlt, in an environment of its own: it has no place among Atlas's dependencies."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import venv
from pathlib import Path

from bench.errors import BenchError

LOCK = Path(__file__).with_name("dlt.lock")


def dlt_version() -> str:
    """The version that the lock pins."""
    found = re.search(r"^dlt==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise BenchError(f"{LOCK} pins no dlt.")
    return found[1]


def dlt_python(cache: Path) -> Path:
    """The interpreter of dlt's environment, which is made in ``cache`` unless it is there.

    Raises:
        BenchError: it can't be installed; has the reason.
    """
    locked = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    directory = cache / f"dlt-{dlt_version()}-py{sys.version_info.major}.{sys.version_info.minor}-{locked}"
    python, complete = directory / "bin" / "python", directory / ".complete"
    if complete.is_file():
        return python
    venv.create(directory, clear=True, symlinks=True)
    wanted = ["--require-hashes", "--no-deps", "-r", str(LOCK)]
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
    raise BenchError(f"dlt {dlt_version()} could not be installed: {'; '.join(reasons)}.")
