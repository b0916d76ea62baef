"""The git executable, run so that a repository decides nothing but its own content.

Git does the reading, so that packs, alternates, worktrees, reftables and SHA-256 are its business. But a repository's
or a user's configuration must neither run programs, nor reach out to a network, nor change what is counted:

- replace refs, grafts and mailmaps aren't applied: what lands is what the objects say;
- attributes aren't applied, so that line counts depend on the commit alone and not on what is checked out;
- objects that a partial clone lacks aren't fetched: every transport is forbidden;
- variables of the environment that steer git (a hook sets ``GIT_DIR``, say) are dropped;
- git's refusal of repositories that another user owns stands. It protects the user; Atlas says how to lift it.

Needs git 2.31 or newer.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from atlas.collectors.git_identity import name_from_directory, name_from_url, printable
from atlas.errors import DataError, ServiceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

BUFFER_BYTES = 1024 * 1024
LONGEST_COMPLAINT = 500
LONGEST_NAME = 500
# Who runs git may say where its configuration lies; it holds safe.directory, for one.
KEPT_VARIABLES = ("GIT_EXEC_PATH", "GIT_CONFIG_")
DROPPED_VARIABLES = ("GIT_CONFIG_PARAMETERS",)
EMPTY_TREES = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


@dataclass(frozen=True)
class Repository:
    """A repository on this machine.

    Attributes:
        path: as the user named it: the repository, a worktree of it, or a directory in one.
        directory: the git directory that all worktrees share; git runs in it and needs no work tree.
        name: what its records are filed under.
        object_format: ``sha1`` or ``sha256``.
    """

    path: Path
    directory: Path
    name: str
    object_format: str


def open_repository(path: Path, name: str | None = None) -> Repository:
    """Find the repository at ``path`` and what it is called.

    Args:
        path: a repository, bare or not, a worktree, or a directory in one.
        name: what to call it; else the origin's ``host/path``, else the directory's name.

    Raises:
        UsageError: there is no repository, git refuses to use it, or ``name`` can't be a name.
        ServiceError: git isn't installed.
    """
    if name is not None and (printable(name) != name or not 0 < len(name) <= LONGEST_NAME):
        raise UsageError(f"A repository's name is 1 to {LONGEST_NAME} printable characters, not {name!r}.")
    try:
        is_directory = path.is_dir()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    if not is_directory:
        problem = "isn't a directory" if path.exists() else "doesn't exist"
        raise UsageError(f"{path} {problem}. Name a git repository, or a directory in one.")
    found = _discover(path, "--git-common-dir")
    directory = Path(os.fsdecode(found))
    repository = Repository(path, directory, name or "", _object_format(path))
    return repository if name else Repository(path, directory, _name_of(repository), repository.object_format)


def _object_format(path: Path) -> str:
    return _discover(path, "--show-object-format").decode()


def _discover(path: Path, question: str) -> bytes:
    """One answer of ``git rev-parse``; asked one by one, since a path may hold newlines."""
    command = ["git", "rev-parse", "--path-format=absolute", question]
    done = _run(command, cwd=path)
    if done.returncode == 0:
        return done.stdout.removesuffix(b"\n")
    complaint = _complaint(done.stderr)
    if "dubious ownership" in complaint or "unsafe repository" in complaint:
        raise UsageError(
            f"{path} belongs to another user, and git refuses to read it. If you trust it: "
            f"git config --global --add safe.directory '{path.resolve()}'"
        )
    if "not a git repository" in complaint:
        raise UsageError(f"{path} isn't a git repository, nor in one.")
    raise UsageError(f"git can't use {path}: {complaint}")


def _name_of(repository: Repository) -> str:
    done = _run([*_command(repository), "config", "--null", "--get", "remote.origin.url"], cwd=repository.directory)
    url = done.stdout.removesuffix(b"\0").decode("utf-8", "replace") if done.returncode == 0 else ""
    if not url:
        return name_from_directory(repository.directory)
    directory = repository.directory
    base = directory.parent if directory.name == ".git" else directory
    return name_from_url(url, base) or name_from_directory(directory)


def is_partial(repository: Repository) -> bool:
    """Whether the clone was told to leave objects at its remote."""
    pattern = r"^(remote\..*\.promisor|extensions\.partialclone)$"
    done = _run([*_command(repository), "config", "--get-regexp", pattern], cwd=repository.directory)
    return done.returncode == 0


def shallow_boundary(repository: Repository) -> frozenset[str]:
    """Commits at which a shallow clone ends: their parents aren't there. Empty for a complete clone."""
    try:
        return frozenset((repository.directory / "shallow").read_text(encoding="ascii").split())
    except FileNotFoundError:
        return frozenset()


def _environment(object_format: str | None = None) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or (name.startswith(KEPT_VARIABLES) and name not in DROPPED_VARIABLES)
    }
    if object_format is not None:
        kept["GIT_ATTR_SOURCE"] = EMPTY_TREES[object_format]
    return kept | {
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": "none",  # not every git that is in use knows the next one
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _command(repository: Repository) -> list[str]:
    # --bare: without a work tree, no .gitattributes is looked for in it.
    return [
        *("git", "--no-pager", f"--git-dir={repository.directory}", "--bare"),
        *("-c", "core.quotePath=false", "-c", f"core.attributesFile={os.devnull}"),
    ]


def _run(command: list[str], *, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, cwd=cwd, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise _missing(error) from error
    except PermissionError as error:
        raise UsageError(f"{error.filename} can't be read: {error.strerror}.") from error


def _missing(error: FileNotFoundError) -> ServiceError:
    if error.filename == "git":
        return ServiceError("git isn't installed, or not on PATH. Install it: apt-get install git")
    return ServiceError(f"{error.filename} is gone; it was there a moment ago.")


def _complaint(stderr: bytes) -> str:
    """Git's own words: the lines that say what failed, else all of them."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    return printable("; ".join(dict.fromkeys(telling)))[:LONGEST_COMPLAINT] or "git gave no reason"


def failure(repository: Repository, stderr: bytes) -> DataError:
    """What to tell the user when git fails while it reads."""
    complaint = _complaint(stderr)
    if is_partial(repository):
        return DataError(
            f"{repository.path} is a partial clone, and git lacks objects to count lines by ({complaint}). "
            f"Atlas doesn't fetch them. Complete it: git -C '{repository.path}' fetch --refetch --no-filter"
        )
    return DataError(f"git can't read {repository.path}: {complaint}. To look closer: git -C '{repository.path}' fsck")


class GitStream:
    """A git command's output, read as it comes. Leaving the context ends the command, however far it got.

    Its input comes from a file and its complaints go to one, so that neither side ever waits for the other but for
    output.

    Args:
        repository: where to run.
        arguments: the subcommand and its arguments.
        stdin: file with the command's input.
    """

    def __init__(self, repository: Repository, arguments: list[str], stdin: Path) -> None:
        self._repository = repository
        self._arguments = arguments
        self._stdin = stdin

    def __enter__(self) -> Self:
        self._stderr = tempfile.TemporaryFile()
        try:
            with self._stdin.open("rb") as stdin:
                self._process = subprocess.Popen(
                    [*_command(self._repository), *self._arguments],
                    cwd=self._repository.directory,
                    env=_environment(self._repository.object_format),
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=self._stderr,
                    bufsize=BUFFER_BYTES,
                )
        except BaseException as error:
            self._stderr.close()
            if isinstance(error, FileNotFoundError):
                raise _missing(error) from error
            raise
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        self.output: IO[bytes] = self._process.stdout
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self.output.close()
        self._stderr.close()

    def finish(self) -> None:
        """Wait for the command, whose output has been read to its end.

        Raises:
            DataError: it failed; says so in git's words.
        """
        if self._process.wait() != 0:
            raise self.failure()

    def failure(self) -> DataError:
        """What the command complained of, when its output ends too early or makes no sense."""
        self._process.kill()
        self._process.wait()
        self._stderr.seek(0)
        return failure(self._repository, self._stderr.read())


def write_output(repository: Repository, arguments: list[str], lines: Iterable[str], output: Path) -> None:
    """Run git with ``lines`` as its input and its output in a file.

    Raises:
        DataError: git failed.
    """
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr, output.open("wb") as stdout:
        stdin.writelines(f"{line}\n".encode() for line in lines)
        stdin.seek(0)
        try:
            done = subprocess.run(
                [*_command(repository), *arguments],
                cwd=repository.directory,
                env=_environment(repository.object_format),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                check=False,
            )
        except FileNotFoundError as error:
            raise _missing(error) from error
        if done.returncode != 0:
            stderr.seek(0)
            raise failure(repository, stderr.read())
