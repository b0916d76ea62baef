"""Reading git repositories, each made here for the case it shows; no database."""

from __future__ import annotations

import os
import subprocess
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.collectors.git_encoding import decode
from atlas.collectors.git_history import State, read_commits, read_refs, read_roots, read_state, write_reachable
from atlas.collectors.git_identity import name_from_directory, name_from_url
from atlas.collectors.git_records import commit_record, first_event_at, parse_person, parse_stamp, ref_record
from atlas.collectors.git_repository import open_repository
from atlas.errors import DataError, ServiceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlas.collectors.git_records import CommitRecord, RefRecord

    Git = Callable[..., str]

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IDENTITY = b"A U Thor <author@example.org> 1700000000 +0200"


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user who runs the tests has told git must not matter."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    configuration = tmp_path / "gitconfig"
    configuration.write_text(
        "[user]\nname = A U Thor\nemail = author@example.org\n[init]\ndefaultBranch = main\n"
        '[protocol "file"]\nallow = always\n[uploadpack]\nallowFilter = true\n[advice]\ndetachedHead = false\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def run_git(where: Path, *arguments: str | bytes, stdin: bytes = b"", **environment: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=where, input=stdin, capture_output=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "replace").strip()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty repository, called ``project``."""
    run_git(tmp_path, "init", "-q", "project")
    return tmp_path / "project"


@pytest.fixture
def git(place: Path) -> Git:
    return lambda *arguments, **options: run_git(place, *arguments, **options)


def commit(where: Path, files: dict[str, bytes], message: str = "change", **environment: str) -> str:
    for name, content in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    run_git(where, "add", "--all")
    run_git(where, "commit", "-q", "--allow-empty", "-m", message, stdin=b"", **environment)
    return run_git(where, "rev-parse", "HEAD")


def raw_commit(
    where: Path,
    *,
    author: bytes = IDENTITY,
    committer: bytes = IDENTITY,
    headers: bytes = b"",
    message: bytes = b"odd\n",
    ref: str = "refs/heads/main",
) -> str:
    """A commit object of exactly these bytes, on a branch."""
    tree = run_git(where, "mktree").encode()
    raw = b"tree %s\nauthor %s\ncommitter %s\n%s\n%s" % (tree, author, committer, headers, message)
    made = run_git(where, "hash-object", "-t", "commit", "--literally", "-w", "--stdin", stdin=raw)
    (where / ".git" / ref).parent.mkdir(parents=True, exist_ok=True)
    run_git(where, "update-ref", ref, made)
    return made


def read(path: Path, workspace: Path) -> tuple[State, dict[str, CommitRecord], dict[str, RefRecord]]:
    """Everything in a repository, and the promise that holds for every one of them: no commit more or less."""
    repository = open_repository(path, "r")
    workspace.mkdir(exist_ok=True)
    state = read_state(repository, workspace)
    hashes = workspace / "hashes"
    count = write_reachable(repository, state.tips, (), hashes)
    commits = {c.hash: c for c in read_commits(repository, hashes, state.boundary, NOW)}
    refs = {ref.ref: ref for ref in read_refs(repository, state.refs, NOW, workspace)}
    assert set(commits) == set(run_git(path, "rev-list", "--all").split())
    assert count == len(commits)
    for record in (*commits.values(), *refs.values()):
        assert b"\\u0000" not in msgspec.json.encode(record)
    for record in commits.values():
        assert datetime.fromisoformat(record.event_at) <= NOW
    return state, commits, refs


def only(records: dict[str, CommitRecord]) -> CommitRecord:
    assert len(records) == 1
    return next(iter(records.values()))


# What a commit says ------------------------------------------------------------------------------------------------


def test_a_commit_says_who_when_and_what(place: Path, tmp_path: Path) -> None:
    dates = {"GIT_AUTHOR_DATE": "2024-02-29T23:30:00 +0530", "GIT_COMMITTER_DATE": "2024-03-01T00:00:00 -0330"}
    first = commit(place, {"a.txt": b"1\n2\n3\n"}, "Add a")
    made = commit(place, {"a.txt": b"1\nzwei\n3\n4\n"}, "Change a\n\nBecause.\n\nReally.", **dates)
    record = read(place, tmp_path / "w")[1][made]
    assert (record.repository, record.operation, record.parents) == ("r", "upsert", [first])
    assert (record.author_name, record.author_email) == ("A U Thor", "author@example.org")
    assert (record.authored_at, record.authored_offset_minutes) == ("2024-02-29T23:30:00+05:30", 330)
    assert (record.committed_at, record.committed_offset_minutes) == ("2024-03-01T00:00:00-03:30", -210)
    assert (record.subject, record.body) == ("Change a", "Because.\n\nReally.")
    assert (record.files_changed, record.lines_added, record.lines_deleted) == (1, 2, 1)
    assert (record.is_merge, record.encoding_repaired) == (False, False)
    assert record.event_at == "2024-03-01T03:30:00.000000+00:00"
    assert record.observed_at == "2026-03-01T12:00:00.000000+00:00"
    assert "authored_at_raw" not in msgspec.to_builtins(record)


def test_numbers_are_those_of_git_log(place: Path, tmp_path: Path) -> None:
    commit(place, {"a": b"1\n2\n", "dir/b": b"x\n" * 50, "bin": b"\0\1\2"})
    (place / "dir/b").rename(place / "moved")
    commit(place, {"a": b"2\n", 'tab\tand\nnewline "quoted" \xf0\x9f\x8e\x89'.encode("latin-1").decode(): b"1\n"})
    commit(place, {".gitattributes": b"*.txt binary\n", "seen.txt": b"1\n2\n", "bin": b"\0\2"})
    commit(place, {})
    for made, record in read(place, tmp_path / "w")[1].items():
        shown = run_git(place, "show", "--numstat", "--no-renames", "--format=", "-z", "--text", made)
        if "bin" not in shown:
            rows = [item.split("\t", 2) for item in shown.split("\0") if item]
            assert record.files_changed == len(rows)
            assert record.lines_added == sum(int(row[0]) for row in rows)
            assert record.lines_deleted == sum(int(row[1]) for row in rows)


def test_binary_files_count_with_no_lines(place: Path, tmp_path: Path) -> None:
    commit(place, {"bin": b"\0\1\2\n\n\n", "text": b"1\n"})
    record = only(read(place, tmp_path / "w")[1])
    assert (record.files_changed, record.lines_added, record.lines_deleted) == (2, 1, 0)


def test_attributes_change_no_numbers(place: Path, git: Git, tmp_path: Path) -> None:
    git("config", "core.attributesFile", str(tmp_path / "attributes"))
    git("config", "diff.evil.textconv", f"touch {tmp_path}/ran;")
    git("config", "diff.evil.command", f"touch {tmp_path}/ran;")
    git("config", "core.fsmonitor", f"touch {tmp_path}/ran;")
    (tmp_path / "attributes").write_text("*.txt binary diff=evil\n")
    made = commit(place, {".gitattributes": b"*.txt binary diff=evil\n", "a.txt": b"1\n2\n"})
    (tmp_path / "ran").unlink(missing_ok=True)
    assert read(place, tmp_path / "w")[1][made].lines_added == 3
    assert not (tmp_path / "ran").exists()


def test_octopus_and_merges_count_nothing(place: Path, git: Git, tmp_path: Path) -> None:
    commit(place, {"base": b"1\n"})
    for side in ("one", "two", "three"):
        git("checkout", "-q", "-b", side, "main")
        commit(place, {side: b"1\n"})
    git("checkout", "-q", "main")
    git("merge", "-q", "-m", "octopus", "one", "two", "three")
    record = read(place, tmp_path / "w")[1][git("rev-parse", "HEAD")]
    assert len(record.parents) == 3  # git leaves out main, which it fast-forwards past
    assert record.is_merge
    assert (record.files_changed, record.lines_added, record.lines_deleted) == (0, 0, 0)


def test_submodules_are_files_that_change(place: Path, git: Git, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "inner")
    commit(tmp_path / "inner", {"a": b"1\n"})
    git("submodule", "--quiet", "add", str(tmp_path / "inner"), "inner")
    git("config", "-f", ".gitmodules", "submodule.inner.ignore", "all")
    commit(place, {}, "Add a submodule")
    record = only(read(place, tmp_path / "w")[1])
    assert record.files_changed == 2
    inner = read(place / "inner", tmp_path / "v")[1]
    assert len(inner) == 1


# Bytes that nobody has checked -------------------------------------------------------------------------------------


def test_declared_encodings_are_respected(place: Path, tmp_path: Path) -> None:
    raw_commit(
        place,
        author="Jürgen Groß <j@example.org> 1700000000 +0100".encode("iso-8859-1"),
        headers=b"encoding ISO-8859-1\n",
        message="Grüße\n".encode("iso-8859-1"),
    )
    record = only(read(place, tmp_path / "w")[1])
    assert (record.author_name, record.subject, record.encoding_repaired) == ("Jürgen Groß", "Grüße", False)


@pytest.mark.parametrize("headers", [b"", b"encoding klingon\n", b"encoding rot13\n", b"encoding \xff\0\n"])
def test_bytes_that_are_no_text_are_replaced_and_said(place: Path, tmp_path: Path, headers: bytes) -> None:
    raw_commit(place, author=b"J\xfcrgen <j@example.org> 1700000000 +0100", headers=headers)
    record = only(read(place, tmp_path / "w")[1])
    assert (record.author_name, record.encoding_repaired) == ("J\ufffdrgen", True)


def test_nul_and_surrogates_are_replaced(place: Path, tmp_path: Path) -> None:
    raw_commit(place, message=b"a\0b\n\nc\0\n")
    record = only(read(place, tmp_path / "w")[1])
    assert (record.subject, record.body, record.encoding_repaired) == ("a\ufffdb", "c\ufffd", True)
    assert decode(b"+2AA-", b"utf-7") == ("\ufffd", True)


def test_long_messages_are_kept_whole(place: Path, tmp_path: Path) -> None:
    body = ("ä" * 70 + "\n") * 2000
    raw_commit(place, message=f"long\n\n{body}".encode())
    assert only(read(place, tmp_path / "w")[1]).body == body.rstrip("\n")


def test_nothing_of_a_message_is_lost_to_the_subject(place: Path, tmp_path: Path) -> None:
    raw_commit(place, message=b'\n\nRevert "x"\r\nThis reverts commit 1234567.\n')
    record = only(read(place, tmp_path / "w")[1])
    assert (record.subject, record.body) == ('Revert "x"', "This reverts commit 1234567.")


@pytest.mark.parametrize(
    ("author", "name", "email"),
    [
        (b" <> 1700000000 +0000", "", ""),
        (b"<a@b> 1700000000 +0000", "", "a@b"),
        (b"A <a@b> <c@d> 1700000000 +0000", "A", "a@b"),
        (b"A \"B\\\" 'C' <a@b> 1700000000 +0000", "A \"B\\\" 'C'", "a@b"),
        (b"no brackets", "no brackets", None),
        (b"", "", None),
    ],
)
def test_odd_authors(place: Path, tmp_path: Path, author: bytes, name: str, email: str | None) -> None:
    raw_commit(place, author=author)
    record = only(read(place, tmp_path / "w")[1])
    assert (record.author_name, record.author_email) == (name, email)


def test_missing_author(place: Path, git: Git, tmp_path: Path) -> None:
    tree = git("mktree").encode()
    made = git(
        "hash-object",
        "-t",
        "commit",
        "--literally",
        "-w",
        "--stdin",
        stdin=b"tree %s\ncommitter %s\n\n" % (tree, IDENTITY),
    )
    git("update-ref", "refs/heads/main", made)
    record = only(read(place, tmp_path / "w")[1])
    assert (record.author_name, record.authored_at, record.subject) == (None, None, "")
    assert record.committed_at == "2023-11-15T00:13:20+02:00"


def test_a_merged_tag_is_not_taken_for_headers(place: Path, git: Git, tmp_path: Path) -> None:
    first = commit(place, {"a": b"1\n"})
    git("tag", "-a", "-m", "encoding UTF-16\n\nparent x", "v1")
    tag = "\n ".join(git("cat-file", "tag", "v1").split("\n")).encode()
    raw_commit(place, headers=b"mergetag %s\n" % tag, message=b"merged\n", ref="refs/heads/odd")
    records = read(place, tmp_path / "w")[1]
    odd = next(record for made, record in records.items() if made != first)
    assert (odd.parents, odd.subject) == ([], "merged")


# Times -------------------------------------------------------------------------------------------------------------

OBSERVED = "2026-03-01T12:00:00.000000+00:00"
RECORDED = "2011-03-13T07:06:40.000000+00:00"
EPOCH = "1970-01-01T00:00:00.000000+00:00"


@pytest.mark.parametrize(
    ("stamp", "committed_at", "offset", "raw", "event_at"),
    [
        (b"0 +0000", "1970-01-01T00:00:00+00:00", 0, None, EPOCH),
        (b"-86400 +0100", "1969-12-31T01:00:00+01:00", 60, None, EPOCH),
        (b"4200000000 +0000", "2103-02-04T02:40:00+00:00", 0, None, OBSERVED),
        (b"253402300799 +1400", "9999-12-31T23:59:59+00:00", 840, None, OBSERVED),
        (b"253402300800 +0000", None, 0, "253402300800 +0000", OBSERVED),
        (b"-99999999999999 +0000", None, 0, "-99999999999999 +0000", OBSERVED),
        (b"18446744073709551615 -0000", None, 0, "18446744073709551615 -0000", OBSERVED),
        (b"9" * 5000 + b" +0000", None, 0, "9" * 100, OBSERVED),
        (b"1300000000 +051800", "2011-03-13T07:06:40+00:00", 31080, "1300000000 +051800", RECORDED),
        (b"1300000000 +99999999999999", "2011-03-13T07:06:40+00:00", None, "1300000000 +99999999999999", RECORDED),
        (b"1300000000", "2011-03-13T07:06:40+00:00", 0, None, RECORDED),
        (b"yesterday +0200", None, None, "yesterday +0200", OBSERVED),
        (b"", None, None, None, OBSERVED),
    ],
)  # fmt: skip
def test_times_of_any_size(
    place: Path, tmp_path: Path, stamp: bytes, committed_at: str | None, offset: int, raw: str | None, event_at: str
) -> None:
    raw_commit(place, committer=b"C <c@example.org> " + stamp)
    record = only(read(place, tmp_path / "w")[1])
    assert (record.committed_at, record.committed_offset_minutes) == (committed_at, offset)
    assert msgspec.to_builtins(record).get("committed_at_raw") == raw
    assert record.event_at == event_at


def test_a_commit_that_comes_back_is_an_event_of_now() -> None:
    raw = b"tree x\ncommitter %s\n\nm" % IDENTITY
    assert commit_record("r", "h", raw, None, NOW, again=True).event_at == OBSERVED
    assert first_event_at(NOW + timedelta(days=1), NOW) == NOW


@given(st.binary())
def test_any_bytes_make_a_record(raw: bytes) -> None:
    record = commit_record("r", "h", raw, None, NOW, again=False)
    decoded = msgspec.json.decode(msgspec.json.encode(record))
    assert "\x00" not in str(decoded.values())
    ref_record("r", "refs/tags/x", None, raw, NOW)


@given(
    st.binary(), st.sampled_from([None, b"UTF-8", b"latin1", b"utf-16", b"utf-7", b"cp932", b"big5", b"idna", b"zip"])
)
def test_any_person_and_time(raw: bytes, encoding: bytes | None) -> None:
    person = parse_person(raw, encoding)
    msgspec.json.encode([person.name, person.email, parse_stamp(raw).text, decode(raw, encoding)[0]])


# Refs --------------------------------------------------------------------------------------------------------------


def test_refs_of_every_kind(place: Path, git: Git, tmp_path: Path) -> None:
    made = commit(place, {"a": b"1\n"})
    git("tag", "light")
    git("tag", "-a", "-m", "First\n\nmore", "v1", GIT_COMMITTER_DATE="2024-01-01T00:00:00 +0100")
    git("tag", "-a", "-m", "Nested", "nested", "v1")
    git("tag", "-a", "-m", "A blob", "blob", "HEAD:a")
    git("tag", "tree", "HEAD^{tree}")
    git("update-ref", "refs/remotes/origin/main", made)
    git("update-ref", "refs/notes/x", made)
    git("branch", 'we\'re/"ünï"-🎉')
    refs = read(place, tmp_path / "w")[2]
    kinds = {ref.name: (ref.kind, ref.is_annotated, ref.target_hash) for ref in refs.values()}
    assert kinds == {
        "main": ("branch", False, made),
        'we\'re/"ünï"-🎉': ("branch", False, made),
        "origin/main": ("remote_branch", False, made),
        "notes/x": ("other", False, made),
        "light": ("tag", False, made),
        "v1": ("tag", True, made),
        "nested": ("tag", True, made),
        "blob": ("tag", True, None),
        "tree": ("tag", False, None),
    }
    v1 = refs["refs/tags/v1"]
    assert (v1.tagger_name, v1.tagged_at, v1.tagged_offset_minutes) == ("A U Thor", "2024-01-01T00:00:00+01:00", 60)
    assert (v1.tag_subject, refs["refs/tags/nested"].tag_subject) == ("First", "Nested")


def test_names_of_refs_in_any_bytes_stay_apart(place: Path, git: Git, tmp_path: Path) -> None:
    commit(place, {"a": b"1\n"})
    git("update-ref", b"refs/heads/x\xfe", "HEAD")
    git("update-ref", b"refs/heads/x\xff", "HEAD")
    assert {r"refs/heads/x\xfe", r"refs/heads/x\xff"} < set(read(place, tmp_path / "w")[2])


# Histories ---------------------------------------------------------------------------------------------------------


def test_no_commits(place: Path, tmp_path: Path) -> None:
    state, commits, refs = read(place, tmp_path / "w")
    assert (state.tips, commits, refs) == (frozenset(), {}, {})


def test_several_roots(place: Path, git: Git, tmp_path: Path) -> None:
    first = commit(place, {"a": b"1\n"})
    git("checkout", "-q", "--orphan", "other")
    second = commit(place, {"b": b"1\n"})
    state, commits, _ = read(place, tmp_path / "w")
    assert [commits[made].parents for made in (first, second)] == [[], []]
    assert read_roots(open_repository(place), state, tmp_path / "w", 10) == sorted([first, second])


def test_detached_heads_of_all_worktrees_count(place: Path, git: Git, tmp_path: Path) -> None:
    commit(place, {"a": b"1\n"})
    git("checkout", "-q", "--detach")
    detached = commit(place, {"a": b"2\n"})
    git("worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "main")
    elsewhere = commit(tmp_path / "tree", {"a": b"3\n"})
    from_main, from_worktree = read(place, tmp_path / "w")[1], read(tmp_path / "tree", tmp_path / "v")[1]
    assert {detached, elsewhere} < set(from_main)
    assert from_main == from_worktree
    assert open_repository(tmp_path / "tree").name == open_repository(place).name == "project"


def test_a_shallow_clone_is_read_as_far_as_it_goes(place: Path, git: Git, tmp_path: Path) -> None:
    hashes = [commit(place, {"a": b"1\n" * n}) for n in range(1, 6)]
    run_git(tmp_path, "clone", "-q", "--depth=2", f"file://{place}", "shallow")
    state, commits, _ = read(tmp_path / "shallow", tmp_path / "w")
    assert set(commits) == set(hashes[-2:])
    assert state.boundary == {hashes[-2]}
    end = commits[hashes[-2]]
    assert end.parents == [hashes[-3]]
    assert (end.files_changed, end.lines_added, end.lines_deleted) == (None, None, None)
    assert commits[hashes[-1]].lines_added == 1
    assert read_roots(open_repository(tmp_path / "shallow"), state, tmp_path / "w", 10) == []


def test_bare_repositories_and_directories_within(place: Path, tmp_path: Path) -> None:
    made = commit(place, {"deep/er/a": b"1\n"})
    run_git(tmp_path, "clone", "-q", "--bare", "project", "plain.git")
    run_git(tmp_path / "plain.git", "remote", "remove", "origin")
    assert set(read(tmp_path / "plain.git", tmp_path / "w")[1]) == {made}
    assert open_repository(tmp_path / "plain.git").name == "plain"
    assert set(read(place / "deep" / "er", tmp_path / "w")[1]) == {made}
    assert open_repository(place / "deep").name == "project"
    assert open_repository(place / ".git").name == "project"


def test_a_directory_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / "li\nne 'q' \"d\" 🎉"
    path.mkdir()
    run_git(path, "init", "-q")
    commit(path, {"a": b"1\n"})
    assert open_repository(path).name == "li\ufffdne 'q' \"d\" 🎉"
    assert len(read(path, tmp_path / "w")[1]) == 1


def test_sha256_repositories(tmp_path: Path) -> None:
    if subprocess.run(["git", "init", "-q", "--object-format=sha256", "s"], cwd=tmp_path, check=False).returncode:
        pytest.skip("this git makes no SHA-256 repositories")
    made = commit(tmp_path / "s", {"a": b"1\n"})
    assert len(made) == 64
    assert read(tmp_path / "s", tmp_path / "w")[1][made].lines_added == 1


def test_replacements_and_grafts_are_not_applied(place: Path, git: Git, tmp_path: Path) -> None:
    first = commit(place, {"a": b"1\n"}, "first")
    second = commit(place, {"a": b"2\n"}, "second")
    git("replace", "--graft", second)
    (place / ".git/info/grafts").write_text(f"{second}\n")
    repository = open_repository(place, "r")
    (tmp_path / "w").mkdir()
    state = read_state(repository, tmp_path / "w")
    write_reachable(repository, state.tips, (), tmp_path / "hashes")
    commits = {c.hash: c for c in read_commits(repository, tmp_path / "hashes", frozenset(), NOW)}
    assert commits[second].parents == [first]
    assert first in commits


def test_the_environment_of_a_hook_does_not_lead_astray(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = commit(place, {"a": b"1\n"})
    run_git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    repository = open_repository(place, "r")
    (tmp_path / "w").mkdir()
    assert read_state(repository, tmp_path / "w").tips == {made}


# What can't be read ------------------------------------------------------------------------------------------------


def test_paths_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, words in (("nowhere", "doesn't exist"), ("file", "isn't a directory"), (".", "isn't a git repository")):
        with pytest.raises(UsageError, match=words):
            open_repository(tmp_path / path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_repository_of_another_user_says_what_to_type(place: Path) -> None:
    for path in (place, place / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(UsageError, match=r"belongs to another user.*git config --global --add safe\.directory"):
        open_repository(place)


def test_without_git(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(ServiceError, match="git isn't installed"):
        open_repository(place)


@pytest.mark.parametrize("name", ["", "a\nb", " a", "x" * 501, "a\0b"])
def test_names_that_are_none(place: Path, name: str) -> None:
    with pytest.raises(UsageError, match="printable"):
        open_repository(place, name)


def remove_object(where: Path, name: str) -> None:
    (where / ".git/objects" / name[:2] / name[2:]).unlink()


@pytest.mark.parametrize("lost", ["HEAD~1:a", "HEAD~1^{tree}", "HEAD~1", "HEAD", "v1"])
def test_missing_objects_stop_the_reading_in_gits_words(place: Path, git: Git, tmp_path: Path, lost: str) -> None:
    for number in range(3):
        commit(place, {"a": b"%d\n" % number})
    git("tag", "-a", "-m", "v1", "v1")
    name = git("rev-parse", lost)
    remove_object(place, name)
    with pytest.raises(DataError, match=name[:7]):
        read(place, tmp_path / "w")


def test_a_corrupt_object_stops_the_reading(place: Path, git: Git, tmp_path: Path) -> None:
    commit(place, {"a": b"1\n"})
    name = git("rev-parse", "HEAD:a")
    path = place / ".git/objects" / name[:2] / name[2:]
    path.chmod(0o644)
    path.write_bytes(b"garbage")
    with pytest.raises(DataError, match="git can't read"):
        read(place, tmp_path / "w")


def test_a_partial_clone_is_not_completed_behind_the_users_back(place: Path, git: Git, tmp_path: Path) -> None:
    commit(place, {"a": b"1\n"})
    commit(place, {"a": b"2\n"})
    run_git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{place}", "partial")
    with pytest.raises(DataError, match=r"is a partial clone.*fetch --refetch"):
        read(tmp_path / "partial", tmp_path / "w")
    run_git(tmp_path / "partial", "fetch", "-q", "--refetch", "--no-filter", "origin")
    assert len(read(tmp_path / "partial", tmp_path / "w")[1]) == 2


def test_leaving_early_leaves_no_process(place: Path, tmp_path: Path) -> None:
    for number in range(5):
        commit(place, {"a": b"%d\n" % number})
    repository = open_repository(place)
    (tmp_path / "w").mkdir()
    write_reachable(repository, read_state(repository, tmp_path / "w").tips, (), tmp_path / "hashes")
    # Other tests of this process may have left a helper of Python's own running.
    before = children_of_this_process()
    records = read_commits(repository, tmp_path / "hashes", frozenset(), NOW)
    next(records)
    records.close()  # type: ignore[attr-defined]
    assert children_of_this_process() == before


def children_of_this_process() -> set[str]:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(children.read_text().split()) if children.exists() else set()


def test_memory_does_not_grow_with_the_history(place: Path, git: Git, tmp_path: Path) -> None:
    stream = bytearray()
    for number in range(3000):
        message = b"commit %d\n" % number + b"x" * 20_000
        stream += b"commit refs/heads/main\ncommitter C <c@e> %d +0000\ndata %d\n%s\n" % (
            1_500_000_000 + number,
            len(message),
            message,
        )
    git("fast-import", "--quiet", stdin=bytes(stream))
    size = len(stream)
    del stream
    repository = open_repository(place)
    (tmp_path / "w").mkdir()
    write_reachable(repository, read_state(repository, tmp_path / "w").tips, (), tmp_path / "hashes")
    tracemalloc.start()
    count = sum(1 for _ in read_commits(repository, tmp_path / "hashes", frozenset(), NOW))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert peak < 8 * 1024 * 1024 < size


# What a repository is called ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/pypa/pip.git", "github.com/pypa/pip"),
        ("https://github.com/pypa/pip/", "github.com/pypa/pip"),
        ("https://x-access-token:ghs_secret@GitHub.com:443/pypa/pip.git", "github.com/pypa/pip"),
        ("https://us@er:p@ss@github.com/pypa/pip", "github.com/pypa/pip"),
        ("https://github.com/pypa/pip.git?access_token=secret#secret", "github.com/pypa/pip"),
        ("http://host:8080/a/b.git", "host:8080/a/b"),
        ("ssh://git@github.com:22/pypa/pip.git", "github.com/pypa/pip"),
        ("ssh://git@host:2222/a.git", "host:2222/a"),
        ("git@github.com:pypa/pip.git", "github.com/pypa/pip"),
        ("git@github.com:/pypa/pip.git", "github.com/pypa/pip"),
        ("token:secret@host:a/b", "host/a/b"),
        ("token:s@cr:t@host:a/b", "host/a/b"),
        ("token:secret@host/a/b", None),
        ("host:~user/x.git", "host/~user/x"),
        ("git@[::1]:a.git", "[::1]/a"),
        ("ssh://git@[::1]:2222/a.git", "[::1]:2222/a"),
        ("git://host/a%20b.git", "host/a b"),
        ("file:///srv/git/x.git", "localhost/srv/git/x"),
        ("file://localhost/srv/git/x.git", "localhost/srv/git/x"),
        ("/srv/git/x.git", "localhost/srv/git/x"),
        ("../x.git", "localhost/base/x"),
        ("./a:b", "localhost/base/here/a:b"),
        ("ext::sh -c 'secret %S'", None),
        ("https://host", None),
        ("https://", None),
        ("https://host:port/x", None),
    ],
)
def test_names_from_urls(url: str, name: str | None) -> None:
    assert name_from_url(url, Path("/base/here")) == name


@given(st.text())
def test_any_url_gives_a_printable_name_or_none(url: str) -> None:
    name = name_from_url(url, Path("/base"))
    assert name is None or (name and not any(ord(c) < 32 for c in name))


@given(st.from_regex(r"[A-Za-z0-9]{8,40}", fullmatch=True))
def test_no_token_gets_into_a_name(token: str) -> None:
    for url in (
        f"https://{token}@h/r",
        f"https://u:{token}@h/r",
        f"ssh://{token}:{token}@h/r",
        f"{token}@h:r",
        f"u:{token}@h:r",
    ):
        assert name_from_url(url, Path("/base")) == "h/r"


def test_the_origin_names_a_clone_and_the_directory_one_without(place: Path, git: Git) -> None:
    assert open_repository(place).name == "project"
    git("remote", "add", "origin", "https://token@example.org/team/app.git")
    assert open_repository(place).name == "example.org/team/app"
    assert open_repository(place, "mine").name == "mine"
    assert name_from_directory(Path("/.git")) == "repository"
