"""``atlas lineage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli.output import note, say, say_json
from atlas.errors import UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from atlas.lineage.levels import Levels
    from atlas.lineage.rows import Origin


def lineage(
    selection: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL[.COLUMN]]", help="A model or snapshot, a source (crm.customers), or a column of one."
        ),
    ] = None,
    upstream: Annotated[  # noqa: FBT002
        bool, typer.Option("--upstream", help="Also all that it comes from.")
    ] = False,
    downstream: Annotated[  # noqa: FBT002
        bool, typer.Option("--downstream", help="Also all that comes from it.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the edges down, for builds.")] = False,  # noqa: FBT002
    check: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--check", help="Exit with 1 if what is written is stale, or a level is lowered without a reason."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,  # noqa: FBT002
) -> None:
    """Say which columns a column comes from, and the level of protection that follows.

    Reads the project's code alone and needs no database.
    """
    from atlas.lineage.edges import trace  # noqa: PLC0415
    from atlas.lineage.graph import around, select  # noqa: PLC0415
    from atlas.lineage.levels import Levels  # noqa: PLC0415
    from atlas.lineage.project import load_project  # noqa: PLC0415

    if sum((write, check, bool(selection or upstream or downstream or as_json))) > 1:
        raise UsageError("--write and --check are about the whole project and stand alone.")
    if upstream and downstream:
        raise UsageError("Either --upstream or --downstream.")
    project = load_project(Settings.from_environment().project)
    levels = Levels(project, trace(project))
    if write:
        write_down(levels)
        return
    if check:
        check_written(levels)
        return
    columns = select(project, levels.traced, selection)
    if upstream or downstream:
        columns = around(levels.traced, columns, downstream=downstream)
    if as_json:
        say_json([_as_json(levels, column) for column in columns])
        return
    for column in columns:
        say(_line(levels, column))


def write_down(levels: Levels) -> None:
    """``atlas lineage --write``."""
    from atlas.lineage.written import PLACE, write, written_form  # noqa: PLC0415

    edges = written_form(levels.project, levels.traced)
    done = write(levels.project.root, edges)
    say(f"{PLACE} {'is written' if done else 'was up to date'}: {len(edges)} models and snapshots.")


def check_written(levels: Levels) -> None:
    """``atlas lineage --check``.

    Raises:
        typer.Exit: with 1, if something is stale or lowered.
    """
    from atlas.lineage.levels import downgrades  # noqa: PLC0415
    from atlas.lineage.written import staleness, written_form  # noqa: PLC0415

    stale = list(staleness(levels.project, written_form(levels.project, levels.traced)))
    lowered = list(downgrades(levels))
    for sentence in (*stale, *lowered):
        note(sentence)
    if stale:
        note("Write the lineage again: atlas lineage --write")
    if lowered:
        note("Raise the level, or say in config.meta.declassified why it may be lower (docs/guides/lineage.md).")
    if stale or lowered:
        raise typer.Exit(1)
    count = sum(len(columns) for columns in levels.traced.values())
    say(f"The lineage of {count} columns is as written, and none stands below what it comes from without a reason.")


def _facts(levels: Levels, column: Origin) -> tuple[list[str], list[str]]:
    """What a column comes from, by name, and why it can't be followed further."""
    value = levels.traced.get(column.relation, {}).get(column.column)
    if value is None:
        return [], []
    return [_name(levels, one) for one in sorted(value.origins)], sorted(value.gaps)


def _name(levels: Levels, column: Origin) -> str:
    return f"{levels.project.name(column.relation)}.{column.column}"


def _line(levels: Levels, column: Origin) -> str:
    sources, gaps = _facts(levels, column)
    level = levels.of(column)
    is_declared = level.path == (column,) and level.reason == "declared"
    head = f"{_name(levels, column)} ({level.name}{', declared' if is_declared else ''})"
    tail = ", ".join([*sources, *(f"? {reason}" for reason in gaps)])
    return f"{head} <- {tail}" if tail else head


def _as_json(levels: Levels, column: Origin) -> dict[str, Any]:
    sources, gaps = _facts(levels, column)
    level = levels.of(column)
    return {
        "column": _name(levels, column),
        "level": level.name,
        "decided_by": _name(levels, level.path[-1]),
        "because": level.reason,
        "comes_from": sources,
        "not_followed": gaps,
    }
