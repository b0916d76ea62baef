"""Lint dbt's SQL as compiled, on an empty server of its own.

sqlfluff's dbt templater reads the catalog, so it needs a server; the one that somebody works with is none of its
business, and a result must not depend on what lies there. The files come as arguments.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from atlas import embedded
from atlas.errors import AtlasError
from atlas.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".venv" / "lint"
# sqlfluff only warns about a file that it leaves out, and calls that success.
LEFT_OUT = ("was not found in dbt project", "Skipped file")


def lint(files: list[str]) -> int:
    """Run sqlfluff and show what it says; a file that was left out counts as a failure."""
    command = [str(Path(sys.executable).parent / "sqlfluff"), "lint", "--disable-progress-bar", *files]
    done = subprocess.run(command, check=False, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.stdout.write(done.stdout)
    return done.returncode or any(phrase in done.stdout for phrase in LEFT_OUT)


def main() -> None:
    """Start the server, lint, and stop the server if it was started here."""
    for name in list(os.environ):
        if name.startswith(("ATLAS_", "DBT_", "PG")):
            del os.environ[name]
    os.environ |= {
        "ATLAS_HOME": str(SCRATCH),
        "DBT_TARGET_PATH": str(SCRATCH / "target"),
        "DBT_LOG_PATH": str(SCRATCH / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    settings = Settings.from_environment()
    try:
        server = embedded.start(settings)
    except AtlasError as error:
        sys.exit(f"The models can't be linted: {error}")
    try:
        sys.exit(lint(sys.argv[1:]))
    finally:
        if server.started_now:
            embedded.stop(settings)


if __name__ == "__main__":
    main()
