"""What git says of a repository."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

RELEASE = re.compile(r"([^0-9]*[-_/@])?v?[0-9]+\.[0-9]+\.[0-9]+")
REVERT = re.compile(r"^[ \t]*This reverts commit ([0-9a-f]{7,40})", re.MULTILINE)


class Commit(NamedTuple):
    authored: int
    author: str
    parents: tuple[str, ...]
    message: str

    @property
    def subject(self) -> str:
        return self.message.split("\n")[0]


class Release(NamedTuple):
    """A release tag; ``at`` is in seconds since 1970."""

    name: str
    commit: str
    at: int
    is_annotated: bool


def releases_of(path: Path) -> Iterable[Release]:
    fields = "%(refname:strip=2) %(objecttype) %(objectname) %(*objectname) %(taggerdate:unix) %(committerdate:unix)"
    for line in git(path, "for-each-ref", f"--format={fields}", "refs/tags").splitlines():
        name, kind, made, *rest = line.split()
        if RELEASE.fullmatch(name):
            is_annotated = kind == "tag"
            yield Release(name, rest[0] if is_annotated else made, int(rest[-1]), is_annotated)


def commits_of(path: Path, before: Collection[str]) -> dict[str, Commit]:
    """Those that are reached, and those that were once."""
    hashes = {*git(path, "rev-list", "--all").split(), *before}
    asked = ["log", "--no-walk=unsorted", "--stdin", "--format=%H%x00%at%x00%ae%x00%P%x00%B%x00"]
    fields = git(path, *asked, given="\n".join(hashes)).split("\0")[:-1]
    return {
        commit.lstrip("\n"): Commit(int(authored), author, tuple(parents.split()), message)
        for commit, authored, author, parents, message in zip(*[iter(fields)] * 5, strict=True)
    }


def history_of_branch(path: Path, name: str) -> list[str] | None:
    """All commits of a branch; None if there is no such branch."""
    head = f"refs/heads/{name}"
    return git(path, "rev-list", head).split() if git(path, "for-each-ref", head) else None


def reverted_by(commits: dict[str, Commit], commit: str) -> list[str]:
    """The commits that one takes back: of each hash that it names, the only one that begins so."""
    found = []
    for quoted in REVERT.findall(commits[commit].message):
        targets = [other for other in commits if other.startswith(quoted)]
        found += targets if len(targets) == 1 else []
    return found


def git(path: Path, *arguments: str, given: str | None = None) -> str:
    command = ["git", "-C", str(path), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=given).stdout
