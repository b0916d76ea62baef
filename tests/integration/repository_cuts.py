"""A repository's history cut by date: which refs it had at the end of each day, week or month.

Git doesn't record when a branch was made, moved or deleted; what it was is concluded from the commits:

- a branch or any other ref leads to the newest commit, along first parents, that had been made by then;
- the default branch and other branches stay, from their first own commit on;
- the second parent of every other merge into the default branch was a branch, which was deleted with the merge; ten
  names serve for all of them, so that names are taken again and branches are forced;
- the others came from forks: their commits arrive with the merge, later than they were made;
- other refs (pull requests, say) arrive with their last commit, and are given up 30 days later with all that only they
  reach;
- a tag is there from the day it was made.

The last cut is the repository as it is: what was given up comes back.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Period = Literal["day", "week", "month"]
NAMES_OF_SIDE_BRANCHES = 10
GIVEN_UP_AFTER_S = 30 * 24 * 3600


class Commit(NamedTuple):
    """When a commit was made, in seconds since 1970, and its parents."""

    at: int
    parents: tuple[str, ...]


class Line(NamedTuple):
    """A ref over time: the commits that it led to, newest first, and from when until when it was there."""

    ref: str
    chain: tuple[str, ...]
    since: int
    until: float


class Cut(NamedTuple):
    """The refs at one time, each with the object that it leads to."""

    label: str
    refs: dict[str, str]


@dataclass(frozen=True)
class History:
    """All commits and refs of a repository.

    Attributes:
        default: full name of the branch that HEAD names.
        commits: by hash, those that a ref reaches.
        refs: by full name, the object.
        tags: by full name, when it was made.
        lines: refs over time; of two with one name, the later one counts.
    """

    default: str
    commits: dict[str, Commit]
    refs: dict[str, str]
    tags: dict[str, int]
    lines: tuple[Line, ...]

    def cuts(self, period: Period) -> Iterator[Cut]:
        """The refs at the end of each period in which a commit was made, and at last as they are."""
        ends: dict[str, int] = {}
        for at in sorted(commit.at for commit in self.commits.values()):
            ends[_label(at, period)] = at
        for label, end in ends.items():
            refs = {line.ref: self._head(line, end) for line in self.lines if line.since <= end < line.until}
            yield Cut(label, refs | {name: self.refs[name] for name, at in self.tags.items() if at <= end})
        yield Cut("as it is", self.refs)

    def _head(self, line: Line, end: int) -> str:
        return next(commit for commit in line.chain if self.commits[commit].at <= end)


def _label(at: int, period: Period) -> str:
    day = datetime.fromtimestamp(at, UTC).date()
    if period == "month":
        return f"{day:%Y-%m}"
    return str(day - timedelta(days=day.weekday()) if period == "week" else day)


def read_history(repository: Path) -> History:
    """Read a complete repository, bare or not."""
    assert _git(repository, "rev-parse", "--is-shallow-repository") == ["false"]
    commits = {}
    for text in _git(repository, "log", "--all", "--format=%H %ct %P"):
        commit, at, *parents = text.split()
        commits[commit] = Commit(int(at), tuple(parents))
    (default,) = _git(repository, "symbolic-ref", "HEAD")
    refs, tags, tips = {}, {}, {}
    for text in _git(
        repository, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname) %(creatordate:unix)"
    ):
        name, made, *peeled, at = text.split()
        refs[name] = made
        tip = (peeled or [made])[0]
        if name.startswith("refs/tags/"):
            tags[name] = int(at)
        elif tip in commits:
            tips[name] = tip
    return History(default, commits, refs, tags, tuple(_lines(commits, default, tips)))


def _lines(commits: dict[str, Commit], default: str, tips: dict[str, str]) -> Iterator[Line]:
    trunk = _first_parents(commits, tips[default])
    on_trunk = frozenset(trunk)
    yield _line(commits, default, trunk)
    merges = [commit for commit in reversed(trunk) if len(commits[commit].parents) > 1]
    for number, merge in enumerate(merges[::2]):
        chain = _first_parents(commits, commits[merge].parents[1], on_trunk)
        name = f"refs/heads/side/{number % NAMES_OF_SIDE_BRANCHES}"
        yield _line(commits, name, chain, until=commits[merge].at)
    for ref, tip in tips.items():
        if ref.startswith("refs/heads/"):
            if ref != default:
                yield _line(commits, ref, _first_parents(commits, tip, on_trunk))
        else:
            yield _line(commits, ref, (tip,), until=commits[tip].at + GIVEN_UP_AFTER_S)


def _first_parents(commits: dict[str, Commit], tip: str, end: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The commit and its first parents, up to one that is in ``end``; at least itself."""
    chain = [tip]
    while (parents := commits[chain[-1]].parents) and parents[0] not in end:
        chain.append(parents[0])
    return tuple(chain)


def _line(commits: dict[str, Commit], ref: str, chain: tuple[str, ...], until: float = float("inf")) -> Line:
    return Line(ref, chain, min(commits[commit].at for commit in chain), until)


def make_clone(repository: Path, clone: Path) -> None:
    """Make a bare repository without refs that has the objects of another, without copying them."""
    (default,) = _git(repository, "symbolic-ref", "HEAD")
    (objects,) = _git(repository, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    (object_format,) = _git(repository, "rev-parse", "--show-object-format")
    command = ["git", "init", "-q", "--bare", f"--object-format={object_format}", str(clone)]
    subprocess.run(command, check=True, capture_output=True)
    (clone / "objects" / "info" / "alternates").write_text(f"{objects}\n")
    (clone / "HEAD").write_text(f"ref: {default}\n")


def set_refs(clone: Path, refs: dict[str, str]) -> None:
    """Let a clone have these refs and no others."""
    (clone / "packed-refs").write_text("".join(f"{refs[name]} {name}\n" for name in sorted(refs)))


def _git(repository: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
