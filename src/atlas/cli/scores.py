"""``atlas scores``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli.output import say, say_json, say_table
from atlas.errors import UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

EXCEPTIONS = ("failed", "errored", "skipped", "not_run")
AVERAGES = ("average_7_days", "average_30_days")


def scores(
    table: Annotated[
        str | None, typer.Option(metavar="[SCHEMA.]TABLE", help="Only of this table, with the rules behind them.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Each day (UTC) from this one on, not just the last.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,  # noqa: FBT002
) -> None:
    """Show how good each table is, from 0 to 100, and what moved its score. A dash is unmeasured, which is not 100."""
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.scores import read_scores  # noqa: PLC0415

    settings = Settings.from_environment()
    first_day = _day(since) if since is not None else None
    with connect_migrated(settings) as connection:
        found = read_scores(connection, table=table, since=first_day)
    if as_json:
        say_json({name: [_numbered(row) for row in rows] for name, rows in asdict(found).items()})
        return
    if not found.scores:
        say("No table has been scored since then." if since else "No table has been scored yet. Try: dbt build")
        return
    say_scores("Scores, 0 to 100 (days are UTC)", found.scores, with_averages=table is not None)
    _say("Rules of the last day, the worst first", found.rules)
    _say("What moved the scores since the day before, in points of 100", found.changes)


def say_scores(title: str, found: Sequence[dict[str, Any]], *, with_averages: bool = False) -> None:
    """Print scores. Of results that are no pass, columns are shown only if there are any."""
    left_out = {name for name in EXCEPTIONS if not any(row[name] for row in found)}
    if not with_averages:
        left_out.update(AVERAGES)
    _say(title, [{name: value for name, value in row.items() if name not in left_out} for row in found])


def _say(title: str, found: Sequence[dict[str, Any]]) -> None:
    if found:
        say_table(title, [name.replace("_", " ") for name in found[0]], [list(row.values()) for row in found])


def _numbered(row: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--since must be a day such as 2026-01-31, not {text!r}.") from error
