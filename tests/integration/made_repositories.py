"""Repositories of many shapes, made from a seed, and what happens to them day by day.

Commits and tags are written as git's own objects, without git: hundreds of them take no time, and a message may name
the hash of a commit that was just made.
"""

from __future__ import annotations

import hashlib
import random
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
HOUR, DAY = 3600, 86_400
START = 1_704_067_200  # 2024-01-01, a Monday
# Each writes every fifth commit. A service knows four of them by the addresses that it gave them.
LOGINS = ("ann", "ben", "cat", "dan", "eve")
ADDRESSES = [f"{number}+{login}@users.noreply.github.com" for number, login in enumerate(LOGINS[:4])] + ["eve@x"]


@dataclass
class Made:
    """A bare repository, its refs as they are to be, and a clock.

    Attributes:
        path: where it is.
        chance: of its own, so that one repository's shape doesn't hang on another's.
        now: seconds since 1970.
        refs: by full name, the object.
        commits: all that were made, in order.
        numbers: how many tags of each prefix there were.
    """

    path: Path
    chance: random.Random
    now: int = START
    refs: dict[str, str] = field(default_factory=dict)
    peeled: dict[str, str] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def make(cls, path: Path, seed: int) -> Made:
        """An empty one, whose default branch is main."""
        (path / "objects").mkdir(parents=True)
        (path / "refs").mkdir()
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        return cls(path, random.Random(seed))  # noqa: S311 - nothing secret

    def write_refs(self) -> None:
        """Let git see the refs."""
        lines = [f"{self.refs[name]} {name}\n" for name in sorted(self.refs)]
        (self.path / "packed-refs").write_text("".join(lines))

    def commit(self, branch: str, *others: str, message: str = "change", skew: int = 0) -> str:
        """Add a commit to a branch; with ``others``, a merge of them. ``skew`` sets the author's clock."""
        self.now += self.chance.randrange(HOUR, 30 * HOUR)
        head = self.refs.get(f"refs/heads/{branch}")
        parents = [*([head] if head else []), *(self.refs[f"refs/heads/{other}"] for other in others)]
        authored = self.now - self.chance.randrange(0, 3 * DAY) + skew
        author = len(self.commits) % len(LOGINS)
        # Two commits of one moment and one message would be one commit.
        text = "".join(
            [
                f"tree {EMPTY_TREE}\n",
                *(f"parent {parent}\n" for parent in parents),
                f"author {LOGINS[author]} <{ADDRESSES[author]}> {authored} +0200\n",
                f"committer C <c@x> {self.now} +0000\n\n{message}\n\nNumber {len(self.commits)}\n",
            ]
        )
        made = self._write("commit", text)
        self.refs[f"refs/heads/{branch}"] = made
        self.commits.append(made)
        return made

    def branch(self, name: str, at: str) -> None:
        """Make a branch at another's head, or at a commit."""
        self.refs[f"refs/heads/{name}"] = self.refs.get(f"refs/heads/{at}", at)

    def tag(self, name: str, at: str, *, annotated: bool = True, when: int | None = None) -> None:
        """Make or move a tag, at a branch's head or a commit; ``when`` is the tagger's clock."""
        target = self.refs.get(f"refs/heads/{at}", at)
        ref = f"refs/tags/{name}"
        self.peeled[ref] = target
        if annotated:
            moment = self.now + self.chance.randrange(0, HOUR) if when is None else when
            text = f"object {target}\ntype commit\ntag {name}\ntagger T <t@x> {moment} +0000\n\nRelease\n"
            target = self._write("tag", text)
        self.refs[ref] = target

    def release(self, at: str, prefix: str = "v", **options: object) -> str:
        """Tag the next version."""
        number = self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        name = f"{prefix}{number // 10}.{number % 10}.{self.chance.randrange(20)}"
        self.tag(name, at, **options)  # type: ignore[arg-type]
        return name

    def revert(self, branch: str, *targets: str, digits: int = 40) -> str:
        """Take back commits, in the words of ``git revert``."""
        lines = "\n".join(f"{' ' * n}This reverts commit {target[:digits]}." for n, target in enumerate(targets))
        return self.commit(branch, message=f'Revert "change"\n\n{lines}')

    def release_tags(self) -> list[str]:
        return sorted(ref for ref in self.refs if ref.startswith("refs/tags/"))

    def _write(self, kind: str, text: str) -> str:
        whole = f"{kind} {len(text.encode())}\0{text}".encode()
        name = hashlib.sha1(whole).hexdigest()  # noqa: S324 - git's own name of an object
        place = self.path / "objects" / name[:2] / name[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(zlib.compress(whole, 1))
        return name


def grow(made: Made, shape: str, steps: int) -> None:
    """Let some time pass in a repository of that shape."""
    for _ in range(steps):
        SHAPES[shape](made)


def _work(made: Made, branch: str = "main", most: int = 3) -> None:
    for _ in range(made.chance.randint(1, most)):
        made.commit(branch)


def _straight(made: Made) -> None:
    """One branch, a release now and then, of either kind of tag; some weeks without any."""
    _work(made)
    if made.chance.random() < 0.5:
        made.release("main", annotated=made.chance.random() < 0.6)
    if made.chance.random() < 0.1:
        made.now += made.chance.randrange(10, 60) * DAY


def _release_branches(made: Made) -> None:
    """Versions live on: what goes to an old branch ships from there, and some of it is merged back."""
    _work(made)
    branches = [ref.removeprefix("refs/heads/") for ref in made.refs if ref.startswith("refs/heads/release")]
    if made.chance.random() < 0.25:
        name = f"release/{len(branches)}"
        made.branch(name, "main")
        made.release(name)
    if branches and made.chance.random() < 0.6:
        old = made.chance.choice(branches)
        made.commit(old, message="backport")
        made.release(old, annotated=made.chance.random() < 0.8)
        if made.chance.random() < 0.5:
            made.commit("main", old, message="merge back")


def _two_tags_on_a_commit(made: Made) -> None:
    """Several tags at one place, some of one instant, whose names decide."""
    _work(made)
    if made.chance.random() < 0.5:
        at = made.now + made.chance.randrange(0, HOUR)
        made.release("main", when=at)
        made.release("main", "alias-", when=at if made.chance.random() < 0.5 else at + HOUR)


def _tag_per_merge(made: Made) -> None:
    """Each merge is a release; side branches begin anywhere."""
    if not made.commits:
        made.commit("main")
    made.branch("side", made.chance.choice(made.commits[-6:]))
    _work(made, "side")
    others = ["side"]
    if made.chance.random() < 0.2:
        made.branch("other", made.chance.choice(made.commits[-4:]))
        made.commit("other")
        others.append("other")
    made.commit("main", *others, message="merge")
    made.release("main", annotated=made.chance.random() < 0.5)


def _monorepo(made: Made) -> None:
    """Packages with prefixes of their own, and tags that are no releases."""
    _work(made)
    if made.chance.random() < 0.7:
        made.release("main", made.chance.choice(["api-v", "web/", "@scope/ui@", "core_v", "Z-", "é-", "v"]))
    if made.chance.random() < 0.4:
        names = ["v1.0.0-rc.1", "1.2", "v2api-1.0.0", "nightly", "v1.0.0.1", "api-v1.0.x", "release1.0.0", "vv1.0.0"]
        made.tag(made.chance.choice(names), "main")


def _wrong_clocks(made: Made) -> None:
    """Authors in the future, and tags older than what they hold."""
    made.commit("main", skew=made.chance.choice([0, 0, 20 * DAY, 400 * DAY]))
    if made.chance.random() < 0.5:
        made.release("main", when=made.now + made.chance.randrange(-40 * DAY, 5 * DAY))


def _reverts(made: Made) -> None:
    """Much is taken back: before it ships, after it, again, several at once, by a part of the hash, beside main."""
    _work(made)
    if made.chance.random() < 0.7:
        made.release("main")
    known = made.commits[-8:]
    kind = made.chance.random()
    if kind < 0.35:
        first = made.revert("main", made.chance.choice(known), digits=made.chance.choice([7, 12, 40]))
        if made.chance.random() < 0.3:
            made.release("main")
            made.revert("main", first)
    elif kind < 0.5:
        made.revert("main", *made.chance.sample(known, min(2, len(known))))
    elif kind < 0.6:
        made.branch("aside", "main")
        made.revert("aside", made.chance.choice(known))
    elif kind < 0.7:
        words = ["this reverts commit", "* This reverts commit", "This reverts  commit", "This reverts commit x"]
        made.commit("main", message=f"Words\n\n{made.chance.choice(words)} {made.chance.choice(known)}")


def _hotfixes(made: Made) -> None:
    """Some mend what was released before, by their subject or by the name of their release; not by their text."""
    made.commit("main", message=made.chance.choice(["change", "change", "hotfix: mend it", "Change\n\nno hotfix"]))
    if made.chance.random() < 0.7:
        made.release("main", made.chance.choice(["v", "v", "v", "hotfix-"]), annotated=made.chance.random() < 0.8)


def _no_tags(made: Made) -> None:
    _work(made)


SHAPES = {
    "straight": _straight,
    "release_branches": _release_branches,
    "two_tags_on_a_commit": _two_tags_on_a_commit,
    "tag_per_merge": _tag_per_merge,
    "monorepo": _monorepo,
    "wrong_clocks": _wrong_clocks,
    "reverts": _reverts,
    "hotfixes": _hotfixes,
    "no_tags": _no_tags,
}


def rewrite(made: Made) -> str:
    """Change the past: move or delete a tag, make one late, date one anew, force the branch back."""
    tags = made.release_tags()
    if not tags or not made.commits:
        made.commit("main")
        return "commit"
    ref = made.chance.choice(tags)
    name = ref.removeprefix("refs/tags/")
    what = made.chance.choice(["moved", "deleted", "late", "redated", "lightened", "forced", "all deleted"])
    if what == "moved":
        made.tag(name, made.chance.choice(made.commits))
    elif what == "deleted":
        del made.refs[ref]
    elif what == "late":
        made.release(made.chance.choice(made.commits), when=START + made.chance.randrange(0, made.now - START))
    elif what == "redated":
        made.tag(name, made.peeled[ref], when=START + made.chance.randrange(0, made.now - START))
    elif what == "lightened":
        made.tag(name, made.peeled[ref], annotated=False)
    elif what == "forced":
        made.refs["refs/heads/main"] = made.chance.choice(made.commits)
        made.commit("main", message="anew")
    else:
        for other in made.chance.sample(tags, len(tags) // 2):
            del made.refs[other]
    return what
