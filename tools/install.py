"""Make .venv and install a lock file and the project into it, with nothing but a Python interpreter.

uv (itself pinned in the dev lock) does the installing: two seconds instead of twenty. Where it can't, because
it has no build for the machine or doesn't see the index that pip is configured for, pip does the same from
the same hashes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PLACE = VENV / ".place"
TESTED = ((3, 11), (3, 12), (3, 13))
Command = list[str | Path]


def succeeds(*command: str | Path) -> bool:
    """Run a command silently and say whether it succeeded."""
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def is_usable(python: Path) -> bool:
    """Whether .venv works, was made in this very place, and is of PYTHON's version if that was named."""
    expected = sys.version_info[:2] if os.environ.get("PYTHON") else TESTED[0]
    comparison = "!=" if os.environ.get("PYTHON") else "<"
    version = f"import sys; sys.exit(sys.version_info[:2] {comparison} {expected})"
    # Scripts and the editable install name the directory: a clone that was moved needs a new .venv.
    made_here = PLACE.is_file() and PLACE.read_text(encoding="utf-8").rstrip("\n") == str(ROOT)
    return made_here and succeeds(python, "-c", version)


def pip_for(python: Path) -> Command:
    """The command that runs a pip for .venv: of its base interpreter (22.3 or newer) or put into it."""
    if succeeds(python, "-m", "pip", "--version"):
        return [python, "-m", "pip"]
    base = subprocess.check_output([python, "-c", "import sys; print(sys._base_executable)"], text=True).strip()
    beside: Command = [base, "-m", "pip", "--python", python]
    if succeeds(*beside, "--version"):
        return beside
    if succeeds(python, "-m", "ensurepip"):
        return [python, "-m", "pip"]
    sys.exit(
        f"{base} has neither pip 22.3 nor ensurepip. Install one (Debian, Ubuntu: "
        "apt install python3-venv) or name another interpreter: make PYTHON=/path/to/python3 ..."
    )


def pinned_uv() -> str:
    """The dev lock's entry for uv, with its hashes."""
    lines = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    end = next(number for number in range(start, len(lines)) if not lines[number].endswith("\\"))
    return "\n".join(lines[start : end + 1]) + "\n"


def install(lock: Path, python: Path) -> None:
    """Install what the lock pins, then the project itself in editable form."""
    pip = [*pip_for(python), "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    with tempfile.TemporaryDirectory() as directory:
        bootstrap = Path(directory) / "uv.lock"
        bootstrap.write_text(pinned_uv(), encoding="utf-8")
        has_uv = succeeds(*pip, "--require-hashes", "--only-binary", ":all:", "-r", bootstrap)
    uv: Command = [VENV / "bin/uv", "pip", "install", "--system-certs", "--no-deps", "--python", python]
    packages: Command = ["--require-hashes", "-r", lock]
    project: Command = ["--no-build-isolation", "--editable", ROOT]
    for what in (packages, project):
        if has_uv and succeeds(*uv, *what):
            continue
        sys.stderr.write(f"uv could not install {what[-1]}; pip tries the same.\n")
        if subprocess.run([*pip, *what], check=False).returncode != 0:
            sys.exit(f"{what[-1]} could not be installed: pip's message above says why.")


def main() -> None:
    """Install the lock file that the command line names."""
    if sys.version_info[:2] not in TESTED:
        sys.stderr.write("Atlas is tested on Python 3.11 to 3.13; this one is newer and may not work.\n")
    lock = ROOT / sys.argv[1]
    python = VENV / "bin/python"
    if not is_usable(python):
        sys.stderr.write(f"Making .venv with Python {sys.version.split()[0]}\n")
        venv.create(VENV, clear=True, symlinks=True)
        PLACE.write_text(f"{ROOT}\n", encoding="utf-8")
    sys.stderr.write(f"Installing {lock.name}\n")
    install(lock, python)


if __name__ == "__main__":
    main()
