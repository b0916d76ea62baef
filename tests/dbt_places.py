"""Where dbt writes in tests, and what it has parsed before.

A parse of the whole project takes twice as long as everything else that a start of dbt does.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PARSE = "partial_parse.msgpack"
_targets: defaultdict[tuple[str, str | None], list[Path]] = defaultdict(list)


def dbt_places(project: str, database_url: str | None, directory: Path) -> dict[str, str]:
    """The environment of a dbt that writes into a directory, with what was last parsed of the same project in it.

    dbt looks itself at what has changed since, and parses that anew.

    Args:
        project: its name, which is part of all that is parsed.
        database_url: for which it is parsed; dbt uses a parse for the same connection only.
        directory: in which dbt is to write.

    Returns:
        Variables, the database's included.
    """
    target = directory / "target"
    earlier = _targets[project, database_url]
    if not (target / PARSE).exists():
        for parsed in reversed(earlier):
            if (parsed / PARSE).exists():
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(parsed / PARSE, target / PARSE)
                break
    earlier.append(target)
    return {
        "ATLAS_DATABASE_URL": str(database_url),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(directory / "logs"),
        # A tenth of a short run goes into a log that nobody reads here.
        "DBT_LOG_LEVEL_FILE": "none",
    }
