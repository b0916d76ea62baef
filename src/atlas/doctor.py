"""What stands between the user and a working Atlas, and what to type about it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas import embedded, services
from atlas.audit.reads import check_reads
from atlas.build import places
from atlas.database import connect, connect_migrated
from atlas.errors import AtlasError
from atlas.partition_rules import differences, rules_of_models
from atlas.roles import check_roles
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from atlas.settings import Settings

LITTLE_SPACE_BYTES = 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``detail`` says how it is, and, if it isn't ``ok``, what to do."""

    subject: str
    ok: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a command needs, in the order in which it needs it."""
    yield Finding("Python", ok=True, detail=f"{sys.version.split()[0]}, {sys.executable}")
    yield _finding("Project", lambda: str(settings.project))
    yield _finding("Sources", lambda: ", ".join(sorted(load_sources(settings.project))) or "none declared yet")
    yield _finding("git", _git)
    yield _finding("Disk", lambda: _disk(settings.home))
    yield _finding("Database", lambda: _database(settings))
    yield _finding("Schema", lambda: _schema(settings))
    yield _finding("Roles", lambda: check_roles(settings))
    yield _finding("Reads", lambda: check_reads(settings))
    yield _finding("Partitions", lambda: _partitions(settings))
    if (redis := settings.redis) is not None:
        yield _finding("Redis", lambda: services.check_redis(redis))
    if (object_store := settings.object_store) is not None:
        yield _finding("Object store", lambda: services.check_object_store(object_store))
    if (lineage := settings.lineage) is not None:
        yield _finding("Lineage", lambda: services.check_lineage(lineage))


def _finding(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, ok=True, detail=look())
    except AtlasError as error:
        return Finding(subject, ok=False, detail=str(error))


def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise AtlasError("git isn't installed; `atlas collect git` needs it.")
    return found


def _disk(home: Path) -> str:
    place = next(directory for directory in (home, *home.parents) if directory.exists())
    free = shutil.disk_usage(place).free
    if free < LITTLE_SPACE_BYTES:
        raise AtlasError(f"Only {free // 1024**2:,} MiB are free in {place}. Make room before you land more.")
    return f"{free // 1024**3:,} GiB free in {place}"


def _database(settings: Settings) -> str:
    with connect(settings) as connection:
        version = connection.info.parameter_status("server_version")
        place = "embedded" if settings.database_url is None else "by ATLAS_DATABASE_URL"
        if connection.info.server_version < embedded.OLDEST_MAJOR * 10_000:
            raise AtlasError(f"PostgreSQL {version} is too old; Atlas needs {embedded.OLDEST_MAJOR} or newer.")
    return f"PostgreSQL {version}, {place}"


def _schema(settings: Settings) -> str:
    with connect_migrated(settings) as connection:
        missing = [
            source.name
            for source in load_sources(settings.project).values()
            if _is_missing(connection.execute("select to_regclass(%s)", [f"explore.{source.landing_table}"]).fetchone())
        ]
    if missing:
        raise AtlasError(f"There is no landing table yet for {', '.join(missing)}. Run: atlas migrate")
    return "as the code wants it"


def _partitions(settings: Settings) -> str:
    with connect_migrated(settings) as connection:
        models = rules_of_models(settings.project, places(settings))
        found = list(differences(connection, load_sources(settings.project), models))
    if found:
        raise AtlasError("; ".join(found))
    return "as declared"


def _is_missing(row: tuple[object, ...] | None) -> bool:
    return row is None or row[0] is None
