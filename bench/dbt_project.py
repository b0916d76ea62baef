"""dbt, in this process, on a project of the benchmark's own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.server import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def dbt_on(url: str, project: Path) -> Iterator[None]:
    """Let dbt, in this process, run a project on a database."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        del os.environ[name]
    os.environ |= {
        "ATLAS_DATABASE_URL": url,
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(ROOT / "profiles"),
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
