"""What a repository holds now: refs, tips, reachable commits and their records. Nothing here knows a database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TYPE_CHECKING, NamedTuple

from atlas.collectors.git_mailmap import parse_mailmap
from atlas.collectors.git_records import FileTypeStat, NumStat, commit_record, ref_record
from atlas.collectors.git_repository import GitStream, shallow_boundary, write_output
from atlas.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from atlas.collectors.git_mailmap import MailmapEntry
    from atlas.collectors.git_records import CommitRecord, RefRecord
    from atlas.collectors.git_repository import Repository

CHUNK_BYTES = 256 * 1024
# Short, and with a letter: of v1.0, report.2024-03 and core.12345 nobody counts a type.
EXTENSION = re.compile(rb"(?=[0-9_+-]*[A-Za-z])[0-9A-Za-z_+-]{1,12}")
# Branches that can be a repository's default branch without anybody having said so; and the one that HEAD names.
USUAL_BRANCHES = frozenset(
    f"{prefix}/{name}"
    for prefix in ("refs/heads", "refs/remotes/origin")
    for name in ("main", "master", "trunk", "develop")
) | {"refs/remotes/origin/HEAD"}
NUMSTAT = (
    *("diff-tree", "--stdin", "--always", "--root", "-r", "-z", "--numstat", "--no-renames", "--diff-algorithm=myers"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=none"),
)


class Ref(NamedTuple):
    """What a ref names: an object (a commit, an annotated tag, rarely a tree or blob) and its type."""

    object_hash: str
    object_type: str


@dataclass(frozen=True)
class State:
    """All that decides which commits are reachable.

    Attributes:
        refs: every ref under ``refs/``, by full name.
        tips: the commits from which everything is reached: those of the refs and of each worktree's HEAD.
        boundary: where a shallow clone ends.
    """

    refs: Mapping[str, Ref]
    tips: frozenset[str]
    boundary: frozenset[str]


def read_state(repository: Repository, workspace: Path) -> State:
    """Read refs and tips. What the tips reach is what ``git rev-list --all`` lists, by construction.

    ``--all`` is every ref, notes and stash included, and the HEAD of the repository and of each linked worktree,
    detached or not. A ref that moves between git's two looks is in both: its commits are collected before the ref says
    that they are there, and the next collection settles what was dropped.

    Raises:
        DataError: a ref can't be read.
    """
    listing = workspace / "refs"
    write_output(repository, ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)"], [], listing)
    refs: dict[str, Ref] = {}
    with listing.open("rb") as lines:
        for line in lines:
            object_hash, object_type, name = line.rstrip(b"\n").split(b" ", 2)
            refs[name.decode("utf-8", "backslashreplace")] = Ref(object_hash.decode(), object_type.decode())
    boundary = shallow_boundary(repository)
    tips = workspace / "tips"
    named = {ref.object_hash for ref in refs.values() if ref.object_type in ("commit", "tag")}
    write_output(repository, ["rev-list", "--no-walk=unsorted", "--all", "--stdin"], sorted(named), tips)
    return State(refs, frozenset(tips.read_text(encoding="ascii").split()), boundary)


def write_reachable(repository: Repository, tips: Iterable[str], known: Iterable[str], output: Path) -> int:
    """Write the hashes of what ``tips`` reach and ``known`` don't, one a line, newest first.

    Returns:
        How many there are.

    Raises:
        DataError: git can't walk the history.
    """
    revisions = [*sorted(tips), *(f"^{commit}" for commit in sorted(known))]
    write_output(repository, ["rev-list", "--stdin"], revisions, output)
    return _count_lines(output)


def read_roots(repository: Repository, state: State, workspace: Path, limit: int) -> list[str]:
    """The ``limit`` lowest hashes of commits that truly have no parent; where a shallow clone ends is no root."""
    output = workspace / "roots"
    write_output(repository, ["rev-list", "--max-parents=0", "--stdin"], sorted(state.tips), output)
    return sorted(set(output.read_text(encoding="ascii").split()) - state.boundary)[:limit]


def are_commits_here(repository: Repository, hashes: Iterable[str], workspace: Path) -> list[bool]:
    """Whether each of ``hashes`` is a commit in the object store, reachable or not."""
    output = workspace / "present"
    write_output(repository, ["cat-file", "--batch-check=%(objecttype)"], hashes, output)
    return [line == "commit" for line in output.read_text(encoding="utf-8").splitlines()]


def read_commits(
    repository: Repository,
    hashes: Path,
    boundary: frozenset[str],
    observed_at: datetime,
    *,
    first_sight: int | None = None,
) -> Iterator[CommitRecord]:
    """Read commits one by one; memory doesn't grow with their number.

    Two commands read the same list and are read in step: one gives each commit's exact bytes, the other its numbers.

    Args:
        repository: where to read.
        hashes: file with one hash a line.
        boundary: commits at which a shallow clone ends; git takes them for roots, and their line counts are unknown.
        observed_at: when the collection takes place.
        first_sight: how many of the first lines are commits that have never landed; None for all.

    Raises:
        DataError: an object is missing or broken; says so in git's words.
    """
    with (
        GitStream(repository, ["cat-file", "--batch"], hashes) as objects,
        GitStream(repository, [*NUMSTAT], hashes) as numbers,
        hashes.open(encoding="ascii") as wanted,
    ):
        stats = _numstats(numbers.output)
        for position, line in enumerate(wanted):
            commit = line.rstrip("\n")
            raw = _read_object(objects, commit, "commit")
            counted = next(stats, None)
            if counted is None or counted[0] != commit:
                raise numbers.failure()
            numstat = None if commit in boundary else counted[1]
            again = first_sight is not None and position >= first_sight
            yield commit_record(repository.name, commit, raw, numstat, observed_at, again=again)
        if next(stats, None) is not None:
            raise numbers.failure()
        objects.finish()
        numbers.finish()


def read_refs(
    repository: Repository, refs: Mapping[str, Ref], observed_at: datetime, workspace: Path
) -> Iterator[RefRecord]:
    """The records of refs, annotated tags opened and peeled; with a branch that can be the default one, its mailmap.

    Raises:
        DataError: a tag, or what it names, is missing or broken.
    """
    tagged = [ref.object_hash for ref in refs.values() if ref.object_type == "tag"]
    peeled, tags = workspace / "peeled", workspace / "tags"
    peel = ["cat-file", "--batch-check=%(objectname) %(objecttype)"]
    write_output(repository, peel, (f"{tag}^{{}}" for tag in tagged), peeled)
    tags.write_text("".join(f"{tag}\n" for tag in tagged), encoding="ascii")
    mailmaps = _read_mailmaps(repository, refs, workspace)
    with GitStream(repository, ["cat-file", "--batch"], tags) as objects, peeled.open(encoding="utf-8") as targets:
        for name, ref in refs.items():
            tag = None
            target_hash, target_type = ref
            if ref.object_type == "tag":
                target_hash, _, target_type = next(targets).rstrip("\n").rpartition(" ")
                if target_type == "missing":
                    raise DataError(f"{repository.path}: the tag {name} names an object that isn't there.")
                tag = _read_object(objects, ref.object_hash, "tag")
            record = ref_record(
                repository.name, name, target_hash if target_type == "commit" else None, tag, observed_at
            )
            if mailmaps.get(name):
                record.mailmap = mailmaps[name]
            yield record
        objects.finish()


def _read_mailmaps(repository: Repository, refs: Mapping[str, Ref], workspace: Path) -> dict[str, list[MailmapEntry]]:
    """What ``.mailmap`` says at the top of each branch that can be the default one; nothing of those without the file.

    It lands with the branch: a mailmap changes by a commit, and a commit moves its branch.
    """
    heads, wanted = workspace / "heads", workspace / "mailmaps"
    write_output(repository, ["for-each-ref", "--format=%(HEAD)%(refname)", "refs/heads/"], [], heads)
    named = {line[1:] for line in heads.read_text("utf-8", "backslashreplace").splitlines() if line.startswith("*")}
    branches = [name for name in refs if name in USUAL_BRANCHES | named and refs[name].object_type == "commit"]
    wanted.write_text("".join(f"{refs[name].object_hash}:.mailmap\n" for name in branches), encoding="ascii")
    found = {}
    with GitStream(repository, ["cat-file", "--batch"], wanted) as objects:
        for name in branches:
            header = objects.output.readline().split()
            if len(header) == 3 and header[2].isdigit():
                raw = objects.output.read(int(header[2]) + 1)[:-1]
                found[name] = parse_mailmap(raw) if header[1] == b"blob" else []
        objects.finish()
    return found


def _read_object(objects: GitStream, object_hash: str, object_type: str) -> bytes:
    """The next object of ``git cat-file --batch``."""
    header = objects.output.readline().split()
    if len(header) != 3 or header[0] != object_hash.encode() or header[1] != object_type.encode():
        if header[-1:] == [b"missing"]:
            raise DataError(f"The {object_type} {object_hash} is missing from the repository. To look closer: git fsck")
        raise objects.failure()
    size = int(header[2])
    raw = objects.output.read(size + 1)
    if len(raw) != size + 1:
        raise objects.failure()
    return raw[:-1]


def _numstats(output: IO[bytes]) -> Iterator[tuple[str, NumStat]]:
    """Sum up ``git diff-tree --stdin -z --numstat``: a hash, then ``added TAB deleted TAB path`` for each file."""
    commit: str | None = None
    by_type: dict[str, FileTypeStat] = {}
    for item in _items(output):
        # A path may hold anything but NUL, but stands behind two tabs; a hash has none.
        counts = item.split(b"\t", 2)
        if len(counts) == 1:
            if commit is not None:
                yield commit, _summed(by_type)
            commit, by_type = item.decode("ascii", "replace"), {}
            continue
        file_type = _file_type(counts[2].rpartition(b"/")[2].rpartition(b"."))
        stat = by_type.get(file_type)
        if stat is None:
            stat = by_type[file_type] = FileTypeStat(file_type, 0, 0, 0)
        stat.files_changed += 1
        if counts[0] != b"-":
            stat.lines_added += int(counts[0])
            stat.lines_deleted += int(counts[1])
    if commit is not None:
        yield commit, _summed(by_type)


def _summed(by_type: dict[str, FileTypeStat]) -> NumStat:
    stats = [by_type[file_type] for file_type in sorted(by_type)]
    return NumStat(
        sum(stat.files_changed for stat in stats),
        sum(stat.lines_added for stat in stats),
        sum(stat.lines_deleted for stat in stats),
        stats,
    )


def _file_type(name: tuple[bytes, bytes, bytes]) -> str:
    """Of a file's name, parted at its last dot. A name that begins with its only dot has no extension."""
    return _extension(name[2]) if name[0] else ""


@lru_cache(maxsize=4096)
def _extension(raw: bytes) -> str:
    """What follows the last dot, in lower case, if it looks like a type; versions, dates and hashes don't."""
    return raw.lower().decode("ascii") if EXTENSION.fullmatch(raw) else ""


def _items(output: IO[bytes]) -> Iterator[bytes]:
    """The stream's items, each of which a NUL ends."""
    rest = b""
    while chunk := output.read(CHUNK_BYTES):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _count_lines(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for _ in lines)
