"""dbt, in this process, with its run on record."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.audit.seals import KEPT, keep, seal
from atlas.database import connect_migrated, key_for_dbt
from atlas.errors import ServiceError, UsageError
from atlas.landing import prepare
from atlas.runs import Task, finish_run, start_run
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

LONGEST_MESSAGE = 2_000
BUILD_LOCK = "atlas build"
STATUSES: dict[str, Literal["succeeded", "warned", "failed", "skipped"]] = {
    "success": "succeeded",
    "pass": "succeeded",
    "warn": "warned",
    "error": "failed",
    "fail": "failed",
    "runtime error": "failed",
    "partial success": "failed",
    "skipped": "skipped",
    "no-op": "skipped",
}


@dataclass(frozen=True)
class BuildResult:
    """How a build ended.

    Attributes:
        run_id: dbt's invocation id, by which ``pipeline`` and ``quality`` know the run.
        counts: tasks by status.
        failures: failed tasks, with what dbt says of each; it may quote rows.
    """

    run_id: str
    counts: dict[str, int]
    failures: list[tuple[str, str]]


def prepare_sources(connection: Connection[TupleRow], settings: Settings) -> list[str]:
    """Make the landing tables of all declared sources, where missing; returns the sources' names."""
    sources = load_sources(settings.project)
    for source in sources.values():
        prepare(connection, source)
    return sorted(sources)


def build(
    settings: Settings,
    arguments: Sequence[str] = (),
    *,
    quiet: bool = False,
    on_node: Callable[[str], None] | None = None,
) -> BuildResult:
    """Run ``dbt build`` with ``arguments`` (a selection, say).

    Leaves out unit tests, which test the code on rows of their own, unless ``arguments`` or dbt's variable for it name
    them: they took half the time of a build. ``dbt test --select test_type:unit`` runs them alone.

    Args:
        settings: which database and project.
        arguments: passed to dbt as they are.
        quiet: keep dbt from printing, other than errors.
        on_node: called with the name of each model, test or seed that is done.

    Raises:
        UsageError: dbt doesn't accept the arguments or the project.
        ServiceError: no database, or one with another schema than the code's.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    command = [
        *(["--quiet"] if quiet else []),
        *([] if sys.stdout.isatty() else ["--no-use-colors"]),
        "build",
        *("--project-dir", str(settings.project)),
        *("--profiles-dir", str(settings.project / "profiles")),
        *places(settings),
        *_without_unit_tests(arguments),
        *arguments,
    ]
    with connect_migrated(settings) as connection:
        _wait_for_other_builds(connection)
        prepare_sources(connection, settings)
        run_id = ""

        def on_event(event: Any) -> None:
            nonlocal run_id
            if not run_id:
                # The id is dbt's to choose; its first event tells it.
                run_id = event.info.invocation_id
                start_run(connection, run_id, "build", shlex.join(arguments))
            if on_node is not None and event.info.name == "NodeFinished":
                on_node(event.data.node_info.node_name)

        with key_for_dbt(settings), _private_files(settings):
            result = dbtRunner(callbacks=[on_event]).invoke(command)
        tasks = [_task(node) for node in getattr(result.result, "results", None) or []]
        reason = _reason(result.exception)
        if run_id:
            kept = [task._replace(message=_without_values(task.message)) for task in tasks]
            finish_run(connection, run_id, kept, failed=not result.success, message=_without_values(reason))
            _keep_seal(connection, settings)
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if reason is not None:
        raise UsageError(f"dbt could not build. {reason}")
    return BuildResult(
        run_id=run_id,
        counts=dict(Counter(task.status for task in tasks)),
        failures=[(task.task, task.message or "") for task in tasks if task.status == "failed"],
    )


def places(settings: Settings) -> list[str]:
    """Options that say where dbt writes, if it can't write to the project."""
    if os.access(settings.project, os.W_OK) or "DBT_TARGET_PATH" in os.environ:
        return []
    return ["--target-path", str(settings.home / "dbt" / "target"), "--log-path", str(settings.home / "dbt" / "logs")]


def _without_unit_tests(arguments: Sequence[str]) -> list[str]:
    if "DBT_EXCLUDE_RESOURCE_TYPES" in os.environ or any("unit_test" in argument for argument in arguments):
        return []
    return ["--exclude-resource-type", "unit_test"]


@contextmanager
def _private_files(settings: Settings) -> Iterator[None]:
    """Let other accounts of the machine read nothing that dbt writes: in its log and results, errors quote rows."""
    home = settings.project if os.access(settings.project, os.W_OK) else settings.home / "dbt"
    for variable, name in (("DBT_TARGET_PATH", "target"), ("DBT_LOG_PATH", "logs")):
        directory = home / os.environ.get(variable, name)
        directory.mkdir(parents=True, exist_ok=True)
        # Somebody else's is for him to close.
        with suppress(PermissionError):
            directory.chmod(0o700)
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _wait_for_other_builds(connection: Connection[TupleRow]) -> None:
    """Let one build run at a time: dbt gives a table that it rebuilds passing names, over which two would stumble."""
    row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [BUILD_LOCK]).fetchone()
    if row is None or not row[0]:
        sys.stderr.write("Another build is running; waiting for it to end.\n")
        connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [BUILD_LOCK])


def _keep_seal(connection: Connection[TupleRow], settings: Settings) -> None:
    """Seal the run's own record, too, and keep the seal where who changes the database doesn't reach."""
    try:
        if (last := seal(connection)) is not None:
            keep(last, settings.home / KEPT)
    except ServiceError as error:
        # What was built stands.
        sys.stderr.write(f"{error}\n")


def _task(node: Any) -> Task:
    """What ``task_runs`` keeps of a node's result; the rows affected are those tested, for a test."""
    spans = [span for span in node.timing if span.name == "execute"]
    rows = (node.adapter_response or {}).get("rows_affected")
    return Task(
        task=node.node.unique_id,
        kind=str(node.node.resource_type),
        status=STATUSES[str(node.status)],
        started_at=spans[0].started_at if spans else None,
        finished_at=spans[0].completed_at if spans else None,
        rows_affected=int(rows) if isinstance(rows, int) and rows >= 0 else None,
        message=" ".join(str(node.message).split())[:LONGEST_MESSAGE] if node.message else None,
    )


def _without_values(message: str | None) -> str | None:
    """What may be kept of a message: of the database's errors, what comes before anything that could quote a row."""
    found = re.match(r"((?:Database|Runtime) Error(?: in [^()]*\([^()]*\))?)([\w\s,.-]*)(.*)", message or "")
    if message is None or found is None:
        return message
    error, begin, rest = found.groups()
    return f"{error}{begin.rstrip()}{' … (the rest is in the log of dbt)' if rest else ''}"


def _reason(exception: BaseException | None) -> str | None:
    if exception is None:
        return None
    return " ".join(str(exception).split())[:LONGEST_MESSAGE] or type(exception).__name__
