"""``atlas demo``."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.collect import say_collection
from atlas.cli.dora import say_figures
from atlas.cli.landing import say_receipt
from atlas.cli.output import progress, say, say_table
from atlas.cli.scores import say_scores
from atlas.errors import DataError, ServiceError, UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.sources import Source

MART = "mart_commit_activity"
CLEARANCE = "confidential"
CUSTOMERS = """
    select segment, count(*) as customers, max(customer_name) as customer_name, max(email) as email, max(phone) as phone
    from navigate.dim_customer where is_current group by segment order by segment
"""


def demo(
    git: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The repository to collect; by default the project's own.")
    ] = None,
) -> None:
    """Land the samples and a git history, build, test and score them, and show what came of it.

    Running it again adds nothing twice.
    """
    from atlas import embedded  # noqa: PLC0415
    from atlas.database import connect, connect_migrated  # noqa: PLC0415
    from atlas.migrate import migrate  # noqa: PLC0415
    from atlas.sources import load_sources  # noqa: PLC0415

    started = time.monotonic()
    settings = Settings.from_environment()
    sources = load_sources(settings.project)
    if settings.database_url is None:
        server = embedded.start(settings)
        say(f"Database: PostgreSQL {server.version}, {'started' if server.started_now else 'running already'}")
    migrate(settings)
    say("\n1. Land: what arrives is checked, kept, and accounted for")
    with connect_migrated(settings) as connection:
        _land_samples(connection, settings.project / "samples", sources)
        repository = _collect(connection, sources, git or settings.project, asked_for=git is not None)
    say("\n2. Build: explore → chart → navigate, with every test")
    _build(settings)
    with connect(settings) as connection:
        is_cleared = _clear(connection)
        _show(connection)
        _show_as_two_readers(connection, is_cleared=is_cleared)
        if repository is not None and is_cleared:
            _show_delivery(connection, repository)
    say(f"\nDone in {time.monotonic() - started:.0f} s. Next:")
    command = shlex.quote(str(Path(sys.executable).parent / "atlas"))
    say(f'  eval "$({command} env)"')
    say("  atlas quarantine list                    the records that were refused, and why")
    say("  atlas status                             what has arrived and what ran")
    say("  atlas scores --table dim_customer        the rules behind a score, and what moved it")
    say("  atlas dora --by quarter                  how delivery went from quarter to quarter")
    say("  psql -c 'select * from navigate.dim_customer limit 5'")
    say("  atlas protect --plan                     whether everything is protected as declared")
    say("  atlas collect git PATH && atlas build    your own repository")


def _land_samples(connection: Connection[TupleRow], samples: Path, sources: dict[str, Source]) -> None:
    from atlas.landing import land_file  # noqa: PLC0415
    from atlas.landing.readers import format_of  # noqa: PLC0415

    for directory in sorted(path for path in samples.iterdir() if path.is_dir() and path.name in sources):
        for path in sorted(path for path in directory.iterdir() if format_of(path.name)):
            say_receipt(land_file(connection, sources[directory.name], path))


def _collect(
    connection: Connection[TupleRow], sources: dict[str, Source], path: Path, *, asked_for: bool
) -> str | None:
    from atlas.collectors.git import collect_repository  # noqa: PLC0415

    try:
        with progress(f"Collecting {path}", "commits") as report:
            collection = collect_repository(connection, sources, path, progress=report)
    except (UsageError, ServiceError) as error:
        # The project may have come as an archive, without a history, or git may be missing; what was asked for by name
        # must be there.
        if asked_for:
            raise
        say(f"git  left out: {error}")
        return None
    say_collection(collection)
    return collection.repository


def _build(settings: Settings) -> None:
    from atlas.build import build  # noqa: PLC0415

    done = 0
    with progress("Building", "models and tests done") as report:

        def on_node(_name: str) -> None:
            nonlocal done
            done += 1
            report(done)

        result = build(settings, quiet=True, on_node=on_node)
    say(", ".join(f"{count} {status}" for status, count in sorted(result.counts.items())))
    if result.failures:
        for task, message in result.failures:
            say(f"  failed: {task}: {message}")
        raise DataError(f"{len(result.failures)} models or tests failed; atlas status shows them again.")


def _clear(connection: Connection[TupleRow]) -> bool:
    """Let this login see what it has just built, for a day: an owner sees masks like everybody."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    from atlas.roles import grant  # noqa: PLC0415

    login = connection.info.user
    try:
        grant(connection, login, CLEARANCE, datetime.now(UTC) + timedelta(days=1))
    except UsageError as error:
        say(f"Not cleared for anything: {error}")
        return False
    say(f"{login} is cleared for {CLEARANCE} data until tomorrow, and that is on record: atlas roles list")
    return True


def _show(connection: Connection[TupleRow]) -> None:
    from atlas.scores import read_scores  # noqa: PLC0415
    from atlas.state import read_mart  # noqa: PLC0415

    say("\n3. Look: what people query")
    activity = read_mart(connection, MART, "month_on", limit=12)
    if activity:
        say_table(
            "navigate.mart_commit_activity",
            [name.replace("_", " ") for name in activity[0]],
            [list(row.values()) for row in activity],
        )
    say("\n4. Score: how good each table is, from 0 to 100; a dash is unmeasured")
    say_scores("quality.table_scores (days are UTC)", read_scores(connection).scores)


def _show_as_two_readers(connection: Connection[TupleRow], *, is_cleared: bool) -> None:
    from psycopg import sql  # noqa: PLC0415

    say("\n5. Protect: the same query as two readers")
    say(" ".join(CUSTOMERS.split()))
    readers = {"somebody who may read, and is cleared for nothing": "atlas_read"}
    if is_cleared:
        readers[f"{connection.info.user}, cleared for {CLEARANCE} data"] = "atlas_owner"
    for who, role in readers.items():
        with connection.transaction():
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            cursor = connection.execute(CUSTOMERS)
            names = [column.name for column in cursor.description or ()]
            say_table(f"as {who}", names, cursor.fetchall())


def _show_delivery(connection: Connection[TupleRow], repository: str) -> None:
    from atlas.dora import read_figures  # noqa: PLC0415

    figures = [figure for figure in read_figures(connection) if figure["scope_name"] == repository]
    if not figures:
        # It has no branch yet.
        return
    say("\n6. Deliver: the DORA metrics, each with how many were counted; a dash is unknown, which is not 0")
    say_figures(figures)
    if all(figure["reason"] == "no_deployments" for figure in figures):
        say("A release tag such as v1.0.0 is a deployment; this repository has none yet. --git PATH takes another.")
    else:
        say(f"atlas dora explain {shlex.quote(repository)} lead-time-for-changes says what is behind a figure.")
