"""``atlas scan``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli.output import cell, progress, say, say_json, say_table
from atlas.errors import UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.scan import ScanResult


def scan(
    selection: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SELECTION]...",
            help="SCHEMA, TABLE, SCHEMA.TABLE or SCHEMA.TABLE.COLUMN, with * and ?; by default all layers.",
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read also what hasn't changed.")] = False,  # noqa: FBT002
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Read about N rows of each table or partition.")
    ] = None,
    check: Annotated[  # noqa: FBT002
        bool, typer.Option("--check", help="Exit with 1 on personal data in a column that doesn't declare it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,  # noqa: FBT002
) -> None:
    """Look for personal data in tables and documents, and keep where it is; no value is shown or kept.

    Reads what has changed since the last time. Exits with 1 if something could not be read.
    """
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.scan import scan as run  # noqa: PLC0415
    from atlas.scan.declared import read_declarations, undeclared  # noqa: PLC0415
    from atlas.scan.patterns import read_levels, read_vocabulary  # noqa: PLC0415
    from atlas.scan.tables import read_selection  # noqa: PLC0415
    from atlas.sources import load_sources  # noqa: PLC0415

    if full and sample:
        raise UsageError("--full reads everything; it can't be used with --sample.")
    settings = Settings.from_environment()
    chosen = read_selection(selection or ())
    terms, levels = read_vocabulary(settings.project), read_levels(settings.project)
    sources = load_sources(settings.project).values()
    declared = read_declarations(settings) if check else None
    with connect_migrated(settings) as connection, progress("Scanning", "rows read") as report:
        result = run(
            connection,
            chosen,
            fields={("explore", s.landing_table): [field.name for field in s.fields] for s in sources},
            full=full,
            most_rows=sample,
            progress=report,
        )
    complaints = undeclared(result.found, declared, terms, levels) if declared else []
    if as_json:
        say_json(_as_json(result, complaints))
    else:
        _say(result, complaints)
    if result.failed or complaints:
        raise typer.Exit(1)


def _as_json(result: ScanResult, complaints: Sequence[str]) -> dict[str, Any]:
    return {**asdict(result), "complaints": list(complaints)}


def _say(result: ScanResult, complaints: Sequence[str]) -> None:
    if result.found:
        say_table(
            "Personal data",
            ["column", "pattern", "matched", "looked at", "share", "confidence", "looks like"],
            [
                [
                    place_of(row),
                    row["pattern"],
                    row["matched"],
                    row["looked_at"],
                    f"{100 * row['share']:.1f} %",
                    f"{row['confidence']:.2f}",
                    next(iter(row["evidence"]), None),
                ]
                for row in result.found
            ],
        )
    else:
        say("No personal data was found.")
    for reason in sorted(set(result.skipped.values())):
        places = ", ".join(cell(place) for place, why in result.skipped.items() if why == reason)
        say(f"Not looked into, or in part: {places}; {reason}.")
    for part, reason in result.failed.items():
        say(f"{cell(part)} was not read: {reason}")
    for complaint in complaints:
        say(cell(complaint))
    parts, unchanged = len(result.read), len(result.unchanged)
    say(f"Read {result.rows:,} rows of {parts:,} tables and partitions; {unchanged:,} have not changed since.")


def place_of(row: dict[str, Any]) -> str:
    """Where a detection is: ``schema.table.column``, and the path within it."""
    return ".".join(filter(None, (row["table_schema"], row["table_name"], row["column_name"], row["path"])))
