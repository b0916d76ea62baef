"""``atlas partitions``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.output import note, say, say_json, say_table
from atlas.errors import UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.partitions import Outcome, PartitionedTable


def partitions(
    check: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--check", help="Only look; exits with 1 if partitions are missing or rows lie in catch-alls."),
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for others at each table.")
    ] = 30,
    drop_old: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE", help="Drop this table's partitions beyond its keep, with their rows. Repeatable."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,  # noqa: FBT002
) -> None:
    """Make the partitions that are due, and move rows that lie in catch-alls to partitions of their own.

    Others go on reading and writing; what they keep it from is said, and left for the next run. Exits with 1 then.
    """
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.partitions import maintain, read_partitions  # noqa: PLC0415
    from atlas.sources import load_sources  # noqa: PLC0415

    if check and drop_old:
        raise UsageError("--check only looks; it can't be used with --drop-old.")
    settings = Settings.from_environment()
    sources = load_sources(settings.project)
    with connect_migrated(settings) as connection:
        outcomes = [] if check else maintain(connection, sources, note, wait_s=wait, drop_old=drop_old or ())
        tables = read_partitions(connection, sources)
    if as_json:
        say_json(_as_json(tables, outcomes))
    else:
        _say(tables, outcomes)
    if any(outcome.undone for outcome in outcomes) or (check and any(table.complaints for table in tables)):
        raise typer.Exit(1)


def _as_json(tables: Sequence[PartitionedTable], outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    done = {outcome.table: asdict(outcome) for outcome in outcomes}
    return [
        {name: value for name, value in asdict(table).items() if name not in ("oid", "beyond_keep")}
        | {"beyond_keep": len(table.beyond_keep), "complaints": table.complaints}
        | done.get(table.table, {})
        for table in tables
    ]


def _say(tables: Sequence[PartitionedTable], outcomes: Sequence[Outcome]) -> None:
    from atlas.partitions import Outcome  # noqa: PLC0415

    done = {outcome.table: outcome for outcome in outcomes}
    columns = ["table", "by", "ahead", "keep", "partitions", "beyond keep"]
    rows: list[list[object]] = [
        [t.table, t.granularity, t.ahead, t.keep, t.partitions, len(t.beyond_keep)] for t in tables
    ]
    if done:
        columns += ["made", "rows moved", "dropped"]
        for row, table in zip(rows, tables, strict=True):
            outcome = done.get(table.table, Outcome(table.table))
            row += [outcome.made, outcome.moved, len(outcome.dropped)]
    say_table("Partitions", columns, rows)
    for table in tables:
        undone = done[table.table].undone if table.table in done else []
        for sentence in (*table.complaints, *(f"not done: {reason}" for reason in undone)):
            say(f"{table.table}: {sentence}")
        if table.catch_all_rows and table.table in done and not undone:
            say(f"{table.table}: those are infinite, or not of the years 1 to 9999; mend them where they come from")
