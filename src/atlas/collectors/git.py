"""``atlas collect git``: the commits and refs of a repository, as changes since the last collection.

The rule: after every collection of a complete clone, the landed records of a repository, folded by key to the one with
the latest ``event_at``, are exactly what ``git rev-list --all`` and ``git for-each-ref`` list, whatever was pushed,
forced, deleted or garbage-collected in between. Two ways lead there:

- *Forward*: the old tips still exist, all they reached is still reached, and no commit stands as deleted. Then only
  what the old tips don't reach is read.
- *By comparison*, otherwise: all reachable hashes are compared with the landed ones.

A shallow clone can't tell what is gone from what lies beyond its end. So nothing is recorded as deleted while a clone
is shallow; the first collection after it was completed makes up for it.

Landing and checkpoint share one transaction, and an advisory lock lets one collector at a time work on a repository.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from atlas.collectors import git_landed
from atlas.collectors.git_history import (
    State,
    are_commits_here,
    read_commits,
    read_refs,
    read_roots,
    read_state,
    write_reachable,
)
from atlas.collectors.git_landed import Checkpoint, Differences
from atlas.collectors.git_records import CommitDeletion, ref_deletion, rfc3339
from atlas.collectors.git_repository import open_repository
from atlas.errors import DataError, UsageError
from atlas.landing import land_lines, prepare
from atlas.landing.receipt import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from psycopg import Connection

    from atlas.collectors.git_history import Ref
    from atlas.collectors.git_records import CommitRecord
    from atlas.collectors.git_repository import Repository
    from atlas.sources import Source

COMMITS = "git.commits"
REFS = "git.refs"
ROOTS_KEPT = 64
PROGRESS_EVERY = 250


@dataclass(frozen=True)
class GitCollection:
    """What a collection of one repository did.

    Attributes:
        repository: the name under which its records are filed.
        path: as the user named it.
        commits: receipt of ``git.commits``; ``already_landed`` with no records if nothing has changed.
        refs: receipt of ``git.refs``, likewise.
        commits_deleted: commits recorded as no longer reachable.
        refs_deleted: refs recorded as gone.
        shallow: whether the clone is shallow.
        notes: sentences that the user should read.
        duration_s: in seconds.
    """

    repository: str
    path: Path
    commits: Receipt
    refs: Receipt
    commits_deleted: int
    refs_deleted: int
    shallow: bool
    notes: tuple[str, ...]
    duration_s: float


class _Plan(NamedTuple):
    """The commits to land: how many, and the files that ``git_landed.compare`` describes."""

    differences: Differences
    added: Path
    removed: Path


class _Landed(NamedTuple):
    """What was landed of one source; no receipt if there was nothing to land."""

    receipt: Receipt | None
    deleted: int


def collect_repository(
    connection: Connection[Any],
    sources: Mapping[str, Source],
    path: Path,
    *,
    name: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> GitCollection:
    """Land what has changed in a repository since it was last collected, in one transaction.

    Args:
        connection: in autocommit mode.
        sources: as declared; ``git.commits`` and ``git.refs`` must be among them.
        path: a repository, bare or not, a worktree, or a directory in one.
        name: what to file it under; else the origin's ``host/path``, else its directory's name.
        progress: called now and then with the number of commits read so far.

    Raises:
        UsageError: there is no repository, git refuses to read it, or another one was collected under its name.
        DataError: git fails in the middle, or landing refuses the records; nothing has landed.
        ServiceError: git isn't installed.
    """
    started = time.monotonic()
    commits_source, refs_source = _declared(sources, COMMITS), _declared(sources, REFS)
    repository = open_repository(path, name)
    for source in (commits_source, refs_source):
        prepare(connection, source)
    with tempfile.TemporaryDirectory(prefix="atlas-git-") as directory, connection.transaction():
        workspace = Path(directory)
        git_landed.lock(connection, repository.name)
        checkpoint = git_landed.load_checkpoint(connection, repository.name)
        state = read_state(repository, workspace)
        if checkpoint is not None and _is_unchanged(state, checkpoint):
            return _collection(repository, state, _Landed(None, 0), _Landed(None, 0), started)
        roots = _identify(repository, state, checkpoint, workspace)
        plan = _plan(connection, commits_source, repository, state, checkpoint, workspace)
        observed_at = _observation_time(connection, (commits_source, refs_source), repository, checkpoint)
        commits = _land_commits(connection, commits_source, repository, state, plan, observed_at, progress)
        before = checkpoint.refs if checkpoint else git_landed.landed_refs(connection, refs_source, repository.name)
        refs = _land_refs(connection, refs_source, repository, before, state, observed_at, workspace)
        has_deleted = plan.differences.deleted > 0
        reached = Checkpoint(state.refs, state.tips, state.boundary, roots, observed_at, has_deleted)
        git_landed.save_checkpoint(connection, repository.name, reached)
    return _collection(repository, state, commits, refs, started)


def _declared(sources: Mapping[str, Source], name: str) -> Source:
    if name not in sources:
        raise UsageError(f"The project doesn't declare the source {name}, which git repositories are landed in.")
    return sources[name]


def _is_unchanged(state: State, checkpoint: Checkpoint) -> bool:
    return state == State(checkpoint.refs, checkpoint.tips, checkpoint.boundary)


def _identify(repository: Repository, state: State, checkpoint: Checkpoint | None, workspace: Path) -> tuple[str, ...]:
    """The repository's root commits, once it is sure that it is the one that was collected under its name.

    It is, if it shares a root with it, or holds one of its commits, be it unreachable. A repository without commits,
    now or then, and a shallow clone, whose roots aren't there, may be any.
    """
    roots = tuple(read_roots(repository, state, workspace, ROOTS_KEPT))
    if checkpoint is None:
        return roots
    if not roots or not checkpoint.roots:
        return roots or checkpoint.roots
    if set(roots).isdisjoint(checkpoint.roots):
        known = [*checkpoint.roots, *sorted(checkpoint.tips)]
        if not any(are_commits_here(repository, known, workspace)):
            raise UsageError(
                f"{repository.path} shares no commit with the repository that was collected as {repository.name}. "
                "If it is another one, give it a name of its own: --name. If its history was rewritten, remove the row "
                f"of collector 'git' and scope '{repository.name}' from pipeline.checkpoints and collect it again."
            )
    return roots


def _plan(
    connection: Connection[Any],
    source: Source,
    repository: Repository,
    state: State,
    checkpoint: Checkpoint | None,
    workspace: Path,
) -> _Plan:
    """Find the commits to land: forward from the old tips where that is sure, else by comparison."""
    if checkpoint is not None and _can_go_forward(repository, state, checkpoint, workspace):
        added, removed = workspace / "added", workspace / "removed"
        count = write_reachable(repository, state.tips, checkpoint.tips, added)
        removed.touch()
        return _Plan(Differences(first=count, again=0, removed=0, deleted=0), added, removed)
    reachable = workspace / "reachable"
    write_reachable(repository, state.tips, (), reachable)
    # What a shallow clone ended at has landed without its numbers; they can be told now.
    opened = checkpoint.boundary - state.boundary if checkpoint is not None else frozenset()
    differences, added, removed = git_landed.compare(
        connection, source, repository.name, reachable, opened, workspace, removals=not state.boundary
    )
    return _Plan(differences, added, removed)


def _can_go_forward(repository: Repository, state: State, checkpoint: Checkpoint, workspace: Path) -> bool:
    if state.boundary or checkpoint.boundary or checkpoint.has_deleted:
        return False
    old = sorted(checkpoint.tips - state.tips)
    try:
        return write_reachable(repository, old, state.tips, workspace / "left") == 0
    except DataError:
        # An old tip, or some of what it reached, is gone.
        return False


def _observation_time(
    connection: Connection[Any], sources: tuple[Source, ...], repository: Repository, checkpoint: Checkpoint | None
) -> datetime:
    """Now, but after all that has landed: a clock that was set back must not reorder events."""
    now = datetime.now(UTC)
    if checkpoint is not None:
        last: datetime | None = checkpoint.observed_at
    else:
        last = git_landed.last_event_at(connection, sources, repository.name)
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _land_commits(
    connection: Connection[Any],
    source: Source,
    repository: Repository,
    state: State,
    plan: _Plan,
    observed_at: datetime,
    progress: Callable[[int], None] | None,
) -> _Landed:
    first, again, removed, _ = plan.differences
    if first + again + removed == 0:
        return _Landed(None, 0)
    upserts: Iterable[msgspec.Struct] = ()
    if first + again:
        commits = read_commits(repository, plan.added, state.boundary, observed_at, first_sight=first)
        upserts = _reporting(commits, progress)
    lines = _encoded(upserts, _deletions(repository, plan.removed, observed_at))
    return _Landed(_land(connection, source, lines, repository), removed)


def _reporting(commits: Iterable[CommitRecord], progress: Callable[[int], None] | None) -> Iterator[CommitRecord]:
    count = 0
    for count, commit in enumerate(commits, start=1):
        if progress is not None and count % PROGRESS_EVERY == 0:
            progress(count)
        yield commit
    if progress is not None:
        progress(count)


def _deletions(repository: Repository, removed: Path, observed_at: datetime) -> Iterator[CommitDeletion]:
    observed = rfc3339(observed_at)
    with removed.open(encoding="utf-8") as lines:
        for line in lines:
            commit_hash, committed_at = line.rstrip("\n").split("\t")
            yield CommitDeletion(
                repository=repository.name,
                hash=commit_hash,
                committed_at=None if committed_at == r"\N" else committed_at,
                observed_at=observed,
                event_at=observed,
            )


def _land_refs(
    connection: Connection[Any],
    source: Source,
    repository: Repository,
    before: Mapping[str, Ref],
    state: State,
    observed_at: datetime,
    workspace: Path,
) -> _Landed:
    moved = {name: ref for name, ref in state.refs.items() if before.get(name) != ref}
    gone = [name for name in before if name not in state.refs]
    if not moved and not gone:
        return _Landed(None, 0)
    upserts = read_refs(repository, moved, observed_at, workspace)
    deletions = (ref_deletion(repository.name, name, observed_at) for name in gone)
    return _Landed(_land(connection, source, _encoded(upserts, deletions), repository), len(gone))


def _encoded(*records: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    for several in records:
        for record in several:
            yield msgspec.json.encode(record)


def _land(connection: Connection[Any], source: Source, lines: Iterable[bytes], repository: Repository) -> Receipt:
    receipt = land_lines(connection, source, lines, name=repository.name)
    if receipt.outcome == "refused":
        raise DataError(f"The records of {repository.path} were refused: {receipt.refusal}. Nothing has landed.")
    return receipt


def _collection(
    repository: Repository,
    state: State,
    commits: _Landed,
    refs: _Landed,
    started: float,
) -> GitCollection:
    nothing = Receipt(source=COMMITS, name=repository.name, outcome="already_landed", batch_id=None)
    notes = []
    if state.boundary:
        notes.append(
            f"{repository.path} is a shallow clone: older commits aren't there, and deleted ones can't be told. "
            f"To complete it: git -C '{repository.path}' fetch --unshallow"
        )
    if not state.tips:
        notes.append(f"{repository.path} has no commits.")
    return GitCollection(
        repository=repository.name,
        path=repository.path,
        commits=commits.receipt or nothing,
        refs=refs.receipt or replace(nothing, source=REFS),
        commits_deleted=commits.deleted,
        refs_deleted=refs.deleted,
        shallow=bool(state.boundary),
        notes=tuple(notes),
        duration_s=time.monotonic() - started,
    )
