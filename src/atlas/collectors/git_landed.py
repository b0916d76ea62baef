"""What has landed of a repository: the collector's checkpoint, and the comparison with what git reaches now.

Sets of hashes are compared in the database, in temporary tables, so that the collector's memory doesn't grow with the
history. What the comparison finds goes to files, since the connection is busy while the records land.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql
from psycopg.types.json import Jsonb

from atlas.collectors.git_history import Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from psycopg import Connection

    from atlas.sources import Source

COLLECTOR = "git"
BLOCK_BYTES = 1024 * 1024

COPY_REACHABLE = "copy pg_temp.git_reachable (hash) from stdin"
ADD = """
    insert into pg_temp.git_added
    select reachable.ordinal, reachable.hash, landed.hash is not null
    from pg_temp.git_reachable as reachable
    left join pg_temp.git_landed as landed on reachable.hash = landed.hash
    where landed.hash is null or landed.operation = 'delete' or landed.hash = any(%s)
"""
REMOVED = """
    select landed.hash, event.payload ->> 'committed_at'
    from pg_temp.git_landed as landed
    left join pg_temp.git_reachable as reachable on landed.hash = reachable.hash
    inner join {landing} as event using (batch_id, line, received_at)
    where landed.operation = 'upsert' and reachable.hash is null
"""
COUNTS = """
    select
        (select count(*) from pg_temp.git_added where not is_again),
        (select count(*) from pg_temp.git_added where is_again),
        (
            select count(*)
            from pg_temp.git_landed as landed
            left join pg_temp.git_reachable as reachable on landed.hash = reachable.hash
            where landed.operation = 'delete' and reachable.hash is null
        )
"""


@dataclass(frozen=True)
class Checkpoint:
    """Where the last collection of a repository stood.

    Attributes:
        refs: the refs that have landed.
        tips: the commits from which everything that has landed is reached.
        boundary: where the clone ended, if it was shallow.
        roots: lowest hashes of its root commits, by which the repository is known again.
        observed_at: when that collection took place.
        has_deleted: whether a commit stands as deleted, and so may come back.
    """

    refs: Mapping[str, Ref]
    tips: frozenset[str]
    boundary: frozenset[str]
    roots: tuple[str, ...]
    observed_at: datetime
    has_deleted: bool


class Differences(NamedTuple):
    """How what is reachable differs from what has landed.

    Attributes:
        first: commits that have never landed; they come first in the file of added commits.
        again: commits to land again: they were deleted, or landed without the numbers that can be told now.
        removed: commits that have landed and aren't reachable.
        deleted: commits that stand as deleted once the differences have landed.
    """

    first: int
    again: int
    removed: int
    deleted: int


def lock(connection: Connection[Any], scope: str) -> None:
    """Let one collector at a time work on a repository, until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('collect git:' || %s::text, 0))", [scope])


def load_checkpoint(connection: Connection[Any], scope: str) -> Checkpoint | None:
    """The repository's checkpoint, if it has been collected before."""
    row = connection.execute(
        "select cursor from pipeline.checkpoints where collector = %s and scope = %s", [COLLECTOR, scope]
    ).fetchone()
    if row is None:
        return None
    cursor = row[0]
    return Checkpoint(
        refs={name: Ref(*ref) for name, ref in cursor["refs"].items()},
        tips=frozenset(cursor["tips"]),
        boundary=frozenset(cursor["boundary"]),
        roots=tuple(cursor["roots"]),
        observed_at=datetime.fromisoformat(cursor["observed_at"]),
        has_deleted=cursor["has_deleted"],
    )


def save_checkpoint(connection: Connection[Any], scope: str, checkpoint: Checkpoint) -> None:
    """Write the checkpoint; it commits with what was landed, or not at all."""
    cursor = {
        "refs": checkpoint.refs,
        "tips": sorted(checkpoint.tips),
        "boundary": sorted(checkpoint.boundary),
        "roots": checkpoint.roots,
        "observed_at": checkpoint.observed_at.isoformat(),
        "has_deleted": checkpoint.has_deleted,
    }
    connection.execute(
        """
        insert into pipeline.checkpoints (collector, scope, cursor) values (%s, %s, %s)
        on conflict (collector, scope) do update set cursor = excluded.cursor, updated_at = now()
        """,
        [COLLECTOR, scope, Jsonb(cursor)],
    )


def landed_refs(connection: Connection[Any], source: Source, repository: str) -> dict[str, Ref]:
    """The refs that stand in the landing table, for a collection without a checkpoint.

    They come without their objects, so that all of them count as moved.
    """
    if not _has_landed(connection, source):
        return {}
    query = sql.SQL(
        """
        select ref from (
            select distinct on (ref) key::jsonb ->> 1 as ref, operation
            from {landing}
            where key::jsonb ->> 0 = %s
            order by ref, event_at desc, received_at desc, batch_id desc, line desc
        ) as last_event
        where operation = 'upsert'
        """
    ).format(landing=_landing(source))
    return {row[0]: Ref("", "") for row in connection.execute(query, [repository])}


def last_event_at(connection: Connection[Any], sources: Collection[Source], repository: str) -> datetime | None:
    """The latest event that has landed for the repository."""
    found = []
    for source in sources:
        if _has_landed(connection, source):
            query = sql.SQL("select max(event_at) from {landing} where key::jsonb ->> 0 = %s")
            row = connection.execute(query.format(landing=_landing(source)), [repository]).fetchone()
            found += [row[0]] if row and row[0] else []
    return max(found, default=None)


def compare(
    connection: Connection[Any],
    source: Source,
    repository: str,
    reachable: Path,
    unsettled: Collection[str],
    workspace: Path,
    *,
    removals: bool,
) -> tuple[Differences, Path, Path]:
    r"""Compare all that git reaches with the landed commits of the repository.

    Args:
        connection: with an open transaction.
        source: ``git.commits``.
        repository: the repository's name.
        reachable: file with the hashes of the reachable commits, one a line.
        unsettled: landed commits to land again if they are reachable.
        workspace: directory for the results.
        removals: whether what isn't reachable counts as removed.

    Returns:
        The numbers; a file with the hashes to land, and one with those to delete: hash, TAB, committed_at or ``\N``.
    """
    has_landed = _has_landed(connection, source)
    _make_tables(connection)
    with reachable.open("rb") as lines, connection.cursor() as cursor, cursor.copy(COPY_REACHABLE) as into:
        while block := lines.read(BLOCK_BYTES):
            into.write(block)
    if has_landed:
        _load_landed(connection, source, repository)
    # Without statistics of their own, two sets of a million would be joined row by row.
    connection.execute("analyze pg_temp.git_reachable; analyze pg_temp.git_landed")
    connection.execute(ADD, [list(unsettled)])
    added, removed = workspace / "added", workspace / "removed"
    _copy_out(connection, sql.SQL("select hash from pg_temp.git_added order by is_again, ordinal"), added)
    removed.touch()
    count = 0
    if removals and has_landed:
        count = _copy_out(connection, sql.SQL(REMOVED).format(landing=_landing(source)), removed)
    first, again, deleted = connection.execute(COUNTS).fetchone() or (0, 0, 0)
    return Differences(first, again, count, deleted + count), added, removed


def _make_tables(connection: Connection[Any]) -> None:
    # Within the caller's transaction, the tables of the repository before are still there.
    connection.execute(
        """
        drop table if exists pg_temp.git_reachable, pg_temp.git_landed, pg_temp.git_added;
        create temporary table git_reachable (
            ordinal bigint generated always as identity, hash text not null
        ) on commit drop;
        create temporary table git_landed (
            hash text not null, operation text not null, batch_id bigint, line bigint, received_at timestamptz
        ) on commit drop;
        create temporary table git_added (ordinal bigint, hash text not null, is_again boolean not null) on commit drop;
        """
    )


def _load_landed(connection: Connection[Any], source: Source, repository: str) -> None:
    """The last event of each commit of the repository. The key is the JSON array [repository, hash]."""
    query = sql.SQL(
        """
        insert into pg_temp.git_landed
        select distinct on (hash) key::jsonb ->> 1 as hash, operation, batch_id, line, received_at
        from {landing}
        where key::jsonb ->> 0 = %s
        order by hash, event_at desc, received_at desc, batch_id desc, line desc
        """
    )
    connection.execute(query.format(landing=_landing(source)), [repository])


def _copy_out(connection: Connection[Any], query: sql.Composable, output: Path) -> int:
    with connection.cursor() as cursor:
        statement = sql.SQL("copy ({query}) to stdout").format(query=query)
        with cursor.copy(statement) as rows, output.open("wb") as lines:
            for block in rows:
                lines.write(block)
        return cursor.rowcount


def _has_landed(connection: Connection[Any], source: Source) -> bool:
    row = connection.execute("select to_regclass(%s)", [f"explore.{source.landing_table}"]).fetchone()
    return row is not None and row[0] is not None


def _landing(source: Source) -> sql.Identifier:
    return sql.Identifier("explore", source.landing_table)
