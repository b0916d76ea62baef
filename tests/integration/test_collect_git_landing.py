"""``atlas collect git`` on a real database: what has landed says what git says, whatever happened in between."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.collectors.git import collect_repository
from atlas.errors import AtlasError, DataError, UsageError
from atlas.sources import Source, load_sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    from atlas.collectors.git import GitCollection

NAMES = count()
ROOT_TIME = 1_600_000_000


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user who runs the tests has told git must not matter."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    configuration = tmp_path / "gitconfig"
    configuration.write_text('[init]\ndefaultBranch = main\n[protocol "file"]\nallow = always\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A U Thor")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "author@example.org")
        # Equal commits get equal hashes, so that one that was pruned can come back.
        monkeypatch.setenv(f"GIT_{role}_DATE", f"{ROOT_TIME} +0100")


@pytest.fixture
def sources(project: Path) -> dict[str, Source]:
    return load_sources(project)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty bare repository: without reflogs, what no ref reaches is gone with the next garbage collection."""
    return make_repository(tmp_path)


def make_repository(directory: Path) -> Path:
    path = directory / f"project{next(NAMES)}.git"
    run_git(directory, "init", "-q", "--bare", path.name)
    return path


def run_git(where: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *arguments], cwd=where, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def commit(where: Path, ref: str, message: str, *parents: str) -> str:
    """A commit with one file, on a branch."""
    blob = run_git(where, "hash-object", "-w", "--stdin", stdin=f"{message}\n".encode())
    tree = run_git(where, "mktree", stdin=f"100644 blob {blob}\tfile\n".encode())
    made = run_git(where, "commit-tree", "-m", message, *(f"-p{parent}" for parent in parents), tree)
    run_git(where, "update-ref", ref, made)
    return made


def history(where: Path, length: int, ref: str = "refs/heads/main") -> list[str]:
    made: list[str] = []
    for number in range(length):
        made.append(commit(where, ref, f"{where.name} {number}", *made[-1:]))
    return made


def folded(connection: Connection[Any], entity: str, repository: str) -> dict[str, dict[str, Any]]:
    """What stands of a repository: the payload of each key's last event, deletes left out."""
    rows = connection.execute(
        f"select key::jsonb ->> 1, event_at, operation, payload from explore.raw_git__{entity}"
        " where key::jsonb ->> 0 = %s order by event_at",
        [repository],
    ).fetchall()
    assert len({(key, event_at) for key, event_at, _, _ in rows}) == len(rows), "two events of a key at one time"
    state = {key: (operation, payload) for key, _, operation, payload in rows}
    return {key: payload for key, (operation, payload) in state.items() if operation == "upsert"}


def events(connection: Connection[Any], repository: str, commit_hash: str) -> list[str]:
    rows = connection.execute(
        "select operation from explore.raw_git__commits where key::jsonb = %s::jsonb order by event_at",
        [json.dumps([repository, commit_hash])],
    )
    return [row[0] for row in rows]


def assert_equal_to_git(connection: Connection[Any], collected: GitCollection) -> None:
    for receipt in (collected.commits, collected.refs):
        assert receipt.quarantined == receipt.duplicate == 0, receipt.reasons
        assert receipt.drift == {}
        assert receipt.accepted == receipt.read
    if connection.execute("select to_regclass('explore.raw_git__commits') is not null").fetchone() == (True,):
        reachable = run_git(collected.path, "rev-list", "--all").split()
        assert set(folded(connection, "commits", collected.repository)) == set(reachable)
    if connection.execute("select to_regclass('explore.raw_git__refs') is not null").fetchone() == (True,):
        listed = run_git(
            collected.path, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)"
        ).splitlines()
        targets = {line.split()[0]: line.split()[-1] for line in listed}
        refs = folded(connection, "refs", collected.repository)
        assert {name: ref["target_hash"] for name, ref in refs.items()} == targets


@pytest.fixture
def collect(connection: Connection[Any], sources: dict[str, Source]) -> Callable[..., GitCollection]:
    """Collect, and compare with git."""

    def run(path: Path, **options: Any) -> GitCollection:
        collected = collect_repository(connection, sources, path, **options)
        if not collected.shallow:
            assert_equal_to_git(connection, collected)
        return collected

    return run


# Whatever happens --------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["commit", "commit", "merge", "orphan", "reset", "delete", "tag", "untag", "detach", "gc", "forget"]
        ),
        st.integers(0, 3),
        st.integers(0, 100),
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)


def step(path: Path, made: list[str], what: str, branch: int, choice: int) -> None:
    """One change to a repository; ``made`` are the commits that were ever made in it."""
    ref, tag = f"refs/heads/b{branch}", f"refs/tags/t{branch}"
    here = [one for one in made if exists(path, one)]
    chosen = here[choice % len(here)]
    match what:
        case "commit" | "merge":
            parents = [chosen, here[-1]] if what == "merge" and here[-1] != chosen else [chosen]
            made.append(commit(path, ref, f"m{branch}", *parents))
        case "orphan":
            made.append(commit(path, ref, f"orphan {branch}"))
        case "reset":
            run_git(path, "update-ref", ref, chosen)
        case "delete":
            run_git(path, "update-ref", "-d", ref)
        case "tag":
            run_git(
                path, "tag", "-f", *(["-a", "-m", "t"] if choice % 2 else []), tag.removeprefix("refs/tags/"), chosen
            )
        case "untag":
            run_git(path, "update-ref", "-d", tag)
        case "detach":
            run_git(path, "update-ref", "--no-deref", "HEAD", chosen)
        case "gc":
            run_git(path, "gc", "-q", "--prune=now")


def exists(path: Path, name: str) -> bool:
    return subprocess.run(["git", "cat-file", "-e", name], cwd=path, capture_output=True, check=False).returncode == 0


@settings(
    max_examples=int(os.environ.get("ATLAS_TEST_EXAMPLES", "25")),
    deadline=None,
    derandomize="ATLAS_TEST_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_what_has_landed_is_what_git_lists(
    connection: Connection[Any], collect: Callable[..., GitCollection], tmp_path: Path, steps: list[Any]
) -> None:
    path = make_repository(tmp_path)
    made = [commit(path, "refs/heads/keep", "root")]
    for what, branch, choice, collects in steps:
        if what == "forget":
            connection.execute("delete from pipeline.checkpoints")
        else:
            step(path, made, what, branch, choice)
        if collects:
            collect(path)
    collect(path)
    again = collect(path)
    assert (again.commits.read, again.refs.read) == (0, 0)


# One by one --------------------------------------------------------------------------------------------------------


def test_only_what_is_new_lands(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path
) -> None:
    made = history(place, 3)
    first = collect(place)
    assert (first.commits.accepted, first.refs.accepted) == (3, 1)
    newer = commit(place, "refs/heads/main", "newer", made[-1])
    second = collect(place)
    assert (second.commits.accepted, second.refs.accepted) == (1, 1)
    batches = connection.execute("select count(*) from explore.batches").fetchone()
    third = collect(place)
    assert (third.commits.read, third.commits.outcome, third.refs.outcome) == (0, "already_landed", "already_landed")
    assert connection.execute("select count(*) from explore.batches").fetchone() == batches
    assert events(connection, first.repository, newer) == ["upsert"]


def test_a_commit_goes_and_comes_back(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path
) -> None:
    made = history(place, 3)
    collect(place)
    run_git(place, "update-ref", "refs/heads/main", made[0])
    gone = collect(place)
    assert gone.commits_deleted == 2
    assert collect(place).commits_deleted == 0
    commit(place, "refs/heads/main", "in between", made[0])
    assert collect(place).commits_deleted == 0
    run_git(place, "update-ref", "refs/heads/back", made[1])
    back = collect(place)
    assert events(connection, back.repository, made[1]) == ["upsert", "delete", "upsert"]
    assert events(connection, back.repository, made[2]) == ["upsert", "delete"]
    deleted = connection.execute(
        "select payload ->> 'committed_at', event_at > '2025-01-01' from explore.raw_git__commits"
        " where operation = 'delete' limit 1"
    ).fetchone()
    assert deleted == ("2020-09-13T13:26:40+01:00", True)


def test_a_force_push_after_which_the_old_tip_is_pruned(collect: Callable[..., GitCollection], place: Path) -> None:
    made = history(place, 3)
    collect(place)
    commit(place, "refs/heads/main", "forced", made[0])
    run_git(place, "gc", "-q", "--prune=now")
    assert not exists(place, made[2])
    collected = collect(place)
    assert (collected.commits_deleted, collected.commits.read) == (2, 3)


def test_refs_move_and_go(collect: Callable[..., GitCollection], connection: Connection[Any], place: Path) -> None:
    made = history(place, 2)
    run_git(place, "tag", "-a", "-m", "First", "v1", made[0])
    repository = collect(place).repository
    run_git(place, "tag", "-f", "-a", "-m", "Moved", "v1", made[1])
    run_git(place, "tag", "light", made[1])
    moved = collect(place)
    assert (moved.refs.accepted, moved.commits.read) == (2, 0)
    assert folded(connection, "refs", repository)["refs/tags/v1"]["tag_subject"] == "Moved"
    run_git(place, "tag", "-d", "v1")
    assert collect(place).refs_deleted == 1


def test_no_commits(collect: Callable[..., GitCollection], place: Path) -> None:
    collected = collect(place)
    assert (collected.commits.read, collected.refs.read) == (0, 0)
    assert "has no commits" in collected.notes[0]
    history(place, 2)
    assert collect(place).commits.accepted == 2


def test_a_shallow_clone_is_made_up_for_later(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path, tmp_path: Path
) -> None:
    made = history(place, 5)
    run_git(tmp_path, "clone", "-q", "--depth=2", f"file://{place}", "shallow")
    shallow = collect(tmp_path / "shallow")
    assert (shallow.shallow, shallow.commits.accepted) == (True, 2)
    assert "is a shallow clone" in shallow.notes[0]
    assert folded(connection, "commits", shallow.repository)[made[3]]["lines_added"] is None
    run_git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    complete = collect(tmp_path / "shallow")
    assert (complete.shallow, complete.commits.accepted) == (False, 4)
    assert folded(connection, "commits", shallow.repository)[made[3]]["lines_added"] == 1
    assert events(connection, shallow.repository, made[3]) == ["upsert", "upsert"]


def test_a_shallow_clone_proves_nothing_gone(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path, tmp_path: Path
) -> None:
    made = history(place, 5)
    whole = collect(place, name="same")
    run_git(tmp_path, "clone", "-q", "--depth=2", f"file://{place}", "shallow")
    shallow = collect(tmp_path / "shallow", name="same")
    assert shallow.commits_deleted == 0
    assert set(folded(connection, "commits", whole.repository)) == set(made)
    collect(place, name="same")


def test_another_repository_of_the_same_name_is_refused(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path, tmp_path: Path
) -> None:
    history(place, 2)
    collect(place, name="app")
    other = make_repository(tmp_path)
    history(other, 2)
    with pytest.raises(UsageError, match="--name"):
        collect(other, name="app")
    # As the message says, for a history that was rewritten.
    connection.execute("delete from pipeline.checkpoints where collector = 'git' and scope = 'app'")
    assert collect(other, name="app").commits_deleted == 2


def test_a_rewritten_history_is_known_by_its_old_commits(collect: Callable[..., GitCollection], place: Path) -> None:
    history(place, 2)
    collect(place)
    commit(place, "refs/heads/main", "a new beginning")
    assert collect(place).commits_deleted == 2


def test_names_keep_repositories_apart(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path
) -> None:
    made = history(place, 2)
    odd = "team/\"app\" 'x' 🎉 \\N %s"
    collect(place)
    assert collect(place, name=odd).commits.accepted == 2
    run_git(place, "update-ref", "refs/heads/main", made[0])
    assert collect(place, name=odd).commits_deleted == 1
    assert len(folded(connection, "commits", "project" + place.name.removeprefix("project").removesuffix(".git"))) == 2


def test_several_repositories_in_one_transaction(
    connection: Connection[Any], sources: dict[str, Source], place: Path, tmp_path: Path
) -> None:
    other = make_repository(tmp_path)
    for path in (place, other):
        history(path, 2)
    with connection.transaction():
        collected = [collect_repository(connection, sources, path) for path in (place, other)]
    for one in collected:
        assert_equal_to_git(connection, one)


def test_odd_commits_pass_the_contract(collect: Callable[..., GitCollection], place: Path) -> None:
    tree = run_git(place, "mktree").encode()
    stamps = [
        b"-1 +0000",
        b"4200000000 +1400",
        b"253402300799 -1200",
        b"9999999999999999 +0000",
        b"1 +051800",
        b"x",
        b"",
    ]
    for number, stamp in enumerate(stamps):
        person = b"J\xfcrgen\0 <j@example.org> " + stamp
        raw = b"tree %s\nauthor %s\ncommitter %s\n\nodd \xff\0 %s\n" % (tree, person, person, b"x" * 100_000)
        made = run_git(place, "hash-object", "-t", "commit", "--literally", "-w", "--stdin", stdin=raw)
        run_git(place, "update-ref", f"refs/heads/odd{number}", made)
    assert collect(place).commits.accepted == len(stamps)


def test_tags_of_trees_and_blobs_pass_the_contract(
    connection: Connection[Any], sources: dict[str, Source], place: Path
) -> None:
    made = history(place, 1)
    run_git(place, "tag", "tree", f"{made[0]}^{{tree}}")
    run_git(place, "tag", "-a", "-m", "blob", "blob", f"{made[0]}:file")
    collected = collect_repository(connection, sources, place)
    assert (collected.refs.accepted, collected.refs.quarantined) == (3, 0)
    assert folded(connection, "refs", collected.repository)["refs/tags/blob"]["target_hash"] is None


# When it goes wrong ------------------------------------------------------------------------------------------------


def landed_anything(connection: Connection[Any]) -> bool:
    tables = "select (select count(*) from explore.batches) + (select count(*) from pipeline.checkpoints)"
    row = connection.execute(tables).fetchone()
    return row is not None and row[0] > 0


def test_a_failure_in_the_middle_lands_nothing(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path
) -> None:
    made = history(place, 3)
    blob = run_git(place, "rev-parse", f"{made[0]}:file")
    (place / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(DataError, match=blob):
        collect(place)
    assert not landed_anything(connection)


def test_a_lost_connection_lands_nothing(connection: Connection[Any], sources: dict[str, Source], place: Path) -> None:
    import_history(place, 1000)
    with psycopg.connect(connection.info.dsn, password=connection.info.password or None, autocommit=True) as other:

        def terminate(_count: int) -> None:
            other.execute("select pg_terminate_backend(%s)", [connection.info.backend_pid])

        with pytest.raises((AtlasError, psycopg.Error)):
            collect_repository(connection, sources, place, progress=terminate)
        assert not landed_anything(other)
        assert collect_repository(other, sources, place).commits.accepted == 1000


def test_two_at_once_land_everything_once(connection: Connection[Any], sources: dict[str, Source], place: Path) -> None:
    import_history(place, 500)
    results: list[int] = []

    def run() -> None:
        with psycopg.connect(connection.info.dsn, password=connection.info.password or None, autocommit=True) as own:
            results.append(collect_repository(own, sources, place).commits.read)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 500]


def test_a_clock_that_was_set_back_reorders_nothing(
    collect: Callable[..., GitCollection], connection: Connection[Any], place: Path
) -> None:
    made = history(place, 2)
    collect(place)
    run_git(place, "update-ref", "refs/heads/main", made[0])
    ahead = datetime(2999, 1, 1, tzinfo=UTC).isoformat()
    connection.execute(
        "update pipeline.checkpoints set cursor = jsonb_set(cursor, '{observed_at}', to_jsonb(%s::text))", [ahead]
    )
    collect(place)
    connection.execute("delete from pipeline.checkpoints")
    run_git(place, "update-ref", "refs/heads/main", made[1])
    repository = collect(place).repository
    assert events(connection, repository, made[1]) == ["upsert", "delete", "upsert"]
    years = connection.execute(
        "select extract(year from event_at)::int from explore.raw_git__commits order by event_at"
    ).fetchall()
    assert years == [(2020,), (2020,), (2999,), (2999,)]


# How fast ----------------------------------------------------------------------------------------------------------


def import_history(path: Path, length: int) -> None:
    stream = bytearray()
    for number in range(length):
        stream += b"commit refs/heads/main\ncommitter C <c@example.org> %d +0000\ndata 20\n%20d\n" % (
            ROOT_TIME + number,
            number,
        )
        stream += b"M 644 inline dir%d/file%d\ndata 12\n%11d\n\n" % (number % 10, number % 100, number)
    run_git(path, "fast-import", "--quiet", stdin=bytes(stream))


def test_ten_thousand_commits_in_half_a_minute(collect: Callable[..., GitCollection], place: Path) -> None:
    import_history(place, 10_000)
    seen: list[int] = []
    collected = collect(place, progress=seen.append)
    assert collected.commits.accepted == seen[-1] == 10_000
    assert collected.duration_s < 30
