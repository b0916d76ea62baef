"""Sealing the audit log, and writing down elsewhere what it is sealed with."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from atlas.errors import ServiceError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from psycopg import Connection
    from psycopg.rows import TupleRow

# In Atlas's home: the last seal after each build, of each database that was built from there.
KEPT = "audit-seals.ndjson"
# No copy and no restored dump has the same; a database that was put back as it once was has.
DATABASE = """(
    select c.system_identifier || '/' || d.oid
    from pg_catalog.pg_control_system() as c
    cross join pg_catalog.pg_database as d
    where d.datname = current_database()
)"""
LAST = f"""
    select s.seal, encode(s.sha256, 'hex'), s.sealed_at, s.row_count, {DATABASE}
    from compliance.audit_seals as s
    order by s.seal desc
    limit 1
"""  # noqa: S608 - nothing of a user's


class LastSeal(NamedTuple):
    """The end of the chain.

    Attributes:
        seal: its number, from 1.
        sha256: its hash, in hexadecimal digits: with the number, what is worth keeping elsewhere.
        sealed_at: when, UTC.
        row_count: entries that it holds itself.
        database: of which database, by numbers that are its own.
    """

    seal: int
    sha256: str
    sealed_at: datetime
    row_count: int
    database: str


def seal(connection: Connection[TupleRow]) -> LastSeal | None:
    """Seal what isn't sealed yet; returns the last seal, which may be an older one, or None if nothing was ever logged.

    Args:
        connection: in autocommit mode; sealing is a transaction of its own, and keeps nobody from writing.
    """
    connection.execute("select compliance.seal_audit_log()")
    row = connection.execute(LAST).fetchone()
    return LastSeal(*row) if row else None


def keep(last: LastSeal, path: Path) -> None:
    """Append a seal to a file, unless it is there: a JSON object on a line.

    Raises:
        ServiceError: the file can't be written.
    """
    sealed_at = last.sealed_at.astimezone(UTC).isoformat()
    kept = {"database": last.database, "seal": last.seal, "sha256": last.sha256, "sealed_at": sealed_at}
    line = json.dumps(kept) + "\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as file:
            file.seek(0)
            if line not in file:
                file.write(line)
    except OSError as error:
        raise ServiceError(f"The seal can't be written to {path}: {error.strerror}.") from error
