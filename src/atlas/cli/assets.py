"""``atlas assets``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from atlas.cli.output import say, say_json, say_table
from atlas.settings import Settings


def assets(
    table: Annotated[
        str | None, typer.Option(metavar="[SCHEMA.]TABLE", help="Only this table, column by column.")
    ] = None,
    subject: Annotated[bool, typer.Option("--subject", help="Only personal data: what is held on whom.")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,  # noqa: FBT002
) -> None:
    """Show what is held and how long, as of the last run, and who can see it now."""
    from atlas.assets import read_assets  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        found = read_assets(connection, table=table, subject=subject)
    if as_json:
        say_json(found)
        return
    if not found:
        say("No column is known to hold personal data." if subject else "No run has written it yet. Try: dbt build")
        return
    with_columns = subject or table is not None
    heads = ["table", "column"] if with_columns else ["table"]
    say_table(
        f"As of {max(asset['recorded_at'] for asset in found):%Y-%m-%d %H:%M} UTC; readers as of now",
        [*heads, "level", "personal data", "about", "kept", "rows", "readable by", "unmasked for", "owner", "scanned"],
        [[asset["table_name"], *([asset["column_name"]] if with_columns else []), *_facts(asset)] for asset in found],
    )


def _facts(asset: dict[str, Any]) -> list[Any]:
    scanned = asset["last_scanned_at"]
    return [
        asset["level"],
        ", ".join(asset["patterns"]) or None,
        asset["subject_key"],
        asset["retention"],
        asset["row_count"],
        ", ".join(asset["readable_by"]) or "nobody",
        ", ".join(asset["unmasked_for"]) or "nobody",
        asset["owner"],
        f"{scanned:%Y-%m-%d}" if scanned else None,
    ]
