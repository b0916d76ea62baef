"""Write requirements.lock and requirements-dev.lock from pyproject.toml, or check that they belong to it.

A lock's first lines carry a hash of what pyproject.toml asks for, so that the check needs neither network nor
cache.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"


def fingerprint() -> str:
    """SHA-256 of everything in pyproject.toml that decides what gets locked."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    asked = {
        "python": project["requires-python"],
        "runtime": sorted(project["dependencies"]),
        "extras": project["optional-dependencies"],
        "groups": pyproject["dependency-groups"],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def header() -> str:
    """The lines that a lock file begins with."""
    return f"# Written by `make lock` from pyproject.toml; don't edit.\n# asked: sha256:{fingerprint()}\n"


def compile_lock(lock: Path, *options: str) -> None:
    """Resolve for every supported Python and platform at once; pins that still fit are kept."""
    command: list[str | Path] = [
        Path(sys.executable).parent / "uv",
        *("pip", "compile", "--quiet", "--system-certs", "--generate-hashes"),
        *("--universal", "--python-version", "3.11", "--no-annotate"),
        *("--no-header", "--no-emit-index-url", "--no-emit-find-links"),
        *("--output-file", str(lock), *options, str(ROOT / "pyproject.toml")),
    ]
    if subprocess.run(command, check=False, cwd=ROOT).returncode != 0:
        sys.exit(f"{lock.name} could not be resolved: uv's message above says why.")
    lock.write_text(header() + lock.read_text(encoding="utf-8"), encoding="utf-8")


def pins(lock: Path) -> set[str]:
    """The pinned versions in a lock file, as `name==version`."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if "==" in line.partition(";")[0]}


def problems() -> list[str]:
    """What is wrong with the committed locks, a sentence each."""
    found = [
        f"{lock.name} doesn't belong to pyproject.toml: run `make lock`."
        for lock in (RUNTIME, DEV)
        if not lock.is_file() or not lock.read_text(encoding="utf-8").startswith(header())
    ]
    if found:
        return found
    if strays := sorted(pins(RUNTIME) - pins(DEV)):
        found.append(f"The two locks disagree on {', '.join(strays)}: run `make lock`.")
    found += [f"{lock.name} holds an address." for lock in (RUNTIME, DEV) if "://" in lock.read_text("utf-8")]
    return found


def main() -> None:
    """Write the locks, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a lock is out of date")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that are allowed")
    arguments = parser.parse_args()
    if arguments.check:
        sys.exit("\n".join(problems()) or 0)
    # Development's wishes can hold a version down (sqlfluff and dbt share click), so its lock comes first.
    compile_lock(DEV, "--extra", "infra", "--group", "dev", *(["--upgrade"] if arguments.upgrade else []))
    compile_lock(RUNTIME, "--extra", "infra", "--group", "build", "--constraints", str(DEV))


if __name__ == "__main__":
    main()
