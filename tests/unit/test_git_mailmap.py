"""Mailmaps, and what commits changed by type of file; repositories are made here, and git itself says what is right."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.collectors.git_history import read_commits, read_refs, read_state, write_reachable
from atlas.collectors.git_mailmap import LARGEST_BYTES, MailmapEntry, parse_mailmap
from atlas.collectors.git_repository import open_repository

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IDENTITY = ("-c", "user.name=A U Thor", "-c", "user.email=author@example.org")
ALL_FORMS = b"""\
# Who is who.
Proper Name <commit@x>
<proper@x> <Commit@Y>
Proper Name <proper@x> <commit@z>
Proper Name <proper@x> Commit Name <shared@x>  # and more
Other Name <other@x> Other <shared@x>

no address at all
Nobody <> <commit@w>
<first@x> <twice@x>
<second@x> <TWICE@X>
"""


def git(where: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=where, input=stdin, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace").strip()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository; what the user who runs the tests has told git doesn't matter."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(tmp_path, "init", "-q", "-b", "main", "project")
    return tmp_path / "project"


def commit(where: Path, files: dict[str, bytes]) -> str:
    for name, content in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    git(where, "add", "--all")
    git(where, "commit", "-q", "-m", "change")
    return git(where, "rev-parse", "HEAD")


def mailmaps(where: Path, workspace: Path) -> dict[str, list[MailmapEntry]]:
    """The mailmaps that land, by ref."""
    workspace.mkdir()
    repository = open_repository(where, "r")
    records = read_refs(repository, read_state(repository, workspace).refs, NOW, workspace)
    return {record.ref: record.mailmap for record in records if isinstance(record.mailmap, list)}


def file_types(where: Path, workspace: Path) -> dict[str, dict[str, tuple[int, int, int]]]:
    """What lands by type of file, by commit; each commit's types add up to its numbers."""
    workspace.mkdir()
    repository, hashes = open_repository(where, "r"), workspace / "hashes"
    write_reachable(repository, read_state(repository, workspace).tips, (), hashes)
    found = {}
    for record in read_commits(repository, hashes, frozenset(), NOW):
        stats = record.file_types if isinstance(record.file_types, list) else []
        counts = {stat.file_type: (stat.files_changed, stat.lines_added, stat.lines_deleted) for stat in stats}
        assert list(counts) == sorted(counts)
        totals = tuple(sum(column) for column in zip(*counts.values(), strict=True)) or (0, 0, 0)
        assert totals == (record.files_changed, record.lines_added, record.lines_deleted)
        found[record.hash] = counts
    return found


# Mailmaps ----------------------------------------------------------------------------------------------------------


def test_all_forms_of_a_line_are_read() -> None:
    """Of two lines for the same commits the later holds; what is no entry is passed over."""
    assert [msgspec.to_builtins(entry) for entry in parse_mailmap(ALL_FORMS)] == [
        {"commit_email": "commit@x", "proper_name": "Proper Name"},
        {"commit_email": "Commit@Y", "proper_email": "proper@x"},
        {"commit_email": "commit@z", "proper_name": "Proper Name", "proper_email": "proper@x"},
        {
            "commit_email": "shared@x",
            "commit_name": "Commit Name",
            "proper_name": "Proper Name",
            "proper_email": "proper@x",
        },
        {"commit_email": "shared@x", "commit_name": "Other", "proper_name": "Other Name", "proper_email": "other@x"},
        {"commit_email": "TWICE@X", "proper_email": "second@x"},
    ]


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Any", "commit@x"),
        ("Any", "COMMIT@y"),
        ("Any", "commit@z"),
        ("commit name", "shared@x"),
        ("Other", "shared@x"),
        ("Third", "shared@x"),
        ("Any", "twice@x"),
        ("Any", "unknown@x"),
    ],
)
def test_entries_say_what_git_says(place: Path, name: str, email: str) -> None:
    (place / ".mailmap").write_bytes(ALL_FORMS)
    assert git(place, "check-mailmap", f"{name} <{email}>") == resolved(parse_mailmap(ALL_FORMS), name, email)


def resolved(entries: list[MailmapEntry], name: str, email: str) -> str:
    """What the entries make of a name and an address: an entry with that name comes first."""
    known = {(entry.commit_email.lower(), str(entry.commit_name or "").lower()): entry for entry in entries}
    entry = known.get((email.lower(), name.lower())) or known.get((email.lower(), ""))
    if entry is None:
        return f"{name} <{email}>"
    return f"{entry.proper_name or name} <{entry.proper_email or email}>"


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    for entry in parse_mailmap(raw):
        assert entry.commit_email.strip()
        assert b"\\u0000" not in msgspec.json.encode(entry)


def test_what_is_too_large_is_no_mailmap() -> None:
    line = b"<proper@x> <commit@x>\n"
    assert parse_mailmap(line * (LARGEST_BYTES // len(line) + 1)) == []


def test_a_mailmap_lands_with_branches_that_can_be_the_default_one(place: Path, tmp_path: Path) -> None:
    commit(place, {".mailmap": b"<proper@x> <commit@x>\n"})
    git(place, "branch", "topic")
    git(place, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(place, "tag", "-a", "-m", "one", "v1.0.0")
    assert set(mailmaps(place, tmp_path / "w")) == {"refs/heads/main", "refs/remotes/origin/main"}
    git(place, "checkout", "-q", "-b", "unusual")
    commit(place, {".mailmap": b"<other@x> <commit@x>\n"})
    landed = mailmaps(place, tmp_path / "v")
    assert landed["refs/heads/unusual"] == [MailmapEntry(commit_email="commit@x", proper_email="other@x")]
    assert landed["refs/heads/main"] == [MailmapEntry(commit_email="commit@x", proper_email="proper@x")]


def test_without_a_mailmap_nothing_lands(place: Path, tmp_path: Path) -> None:
    commit(place, {".mailmap/is-a-directory": b"<proper@x> <commit@x>\n"})
    assert mailmaps(place, tmp_path / "w") == {}
    bare = tmp_path / "bare"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    assert mailmaps(bare, tmp_path / "v") == {}


# Types of files ----------------------------------------------------------------------------------------------------


def test_changes_are_counted_by_type(place: Path, tmp_path: Path) -> None:
    first = commit(place, {"a.py": b"1\n2\n", "dir.d/b.PY": b"1\n", "Makefile": b"1\n", ".gitignore": b"1\n"})
    second = commit(place, {"a.py": b"2\n", "picture.png": b"\0\1", "archive.tar.gz": b"\0"})
    assert file_types(place, tmp_path / "w") == {
        first: {"": (2, 2, 0), "py": (2, 3, 0)},
        second: {"gz": (1, 0, 0), "png": (1, 0, 0), "py": (1, 0, 1)},
    }


def test_what_looks_like_no_type_is_none(place: Path, tmp_path: Path) -> None:
    """Versions, dates and whole sentences behind a dot would make a type for each file."""
    names = ("notes.2024-03", "libx.so.1", "a.", "sentence. And more", "b.extensionthatistoolong", "tab.\tx", "c.mp3")
    made = commit(place, dict.fromkeys(names, b"1\n"))
    assert file_types(place, tmp_path / "w")[made] == {"": (6, 6, 0), "mp3": (1, 1, 0)}


def test_a_merge_has_no_types(place: Path, tmp_path: Path) -> None:
    commit(place, {"base.py": b"1\n"})
    git(place, "checkout", "-q", "-b", "side")
    commit(place, {"side.py": b"1\n"})
    git(place, "checkout", "-q", "main")
    git(place, "merge", "-q", "--no-ff", "-m", "merge", "side")
    assert file_types(place, tmp_path / "w")[git(place, "rev-parse", "HEAD")] == {}
