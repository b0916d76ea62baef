"""Check what the project's YAML says of who may see what: levels, patterns, masks, rows."""

from __future__ import annotations

import sys
from pathlib import Path

from atlas.errors import AtlasError
from atlas.metadata import complaints

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Print each complaint with file and line; exit with 1 if there is one."""
    try:
        found = list(complaints(ROOT))
    except AtlasError as error:
        sys.exit(str(error))
    sys.exit("\n".join(map(str, found)) or 0)


if __name__ == "__main__":
    main()
