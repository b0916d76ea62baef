"""``atlas quarantine``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from atlas.cli.landing import say_receipt
from atlas.cli.output import cell, say, say_json, say_table
from atlas.errors import UsageError
from atlas.settings import Settings

app = typer.Typer(help="Records that were refused.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
LARGEST_RECORD_FILE = 64 * 1024 * 1024


@app.command("list")
def list_records(
    source: Annotated[str | None, typer.Option(metavar="SYSTEM.ENTITY", help="Only of this source.")] = None,
    batch: Annotated[int | None, typer.Option(help="Only of this batch.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those resolved since.")] = False,  # noqa: FBT002
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List refused records, the newest batch first."""
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.landing.replay import list_quarantined  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        found = list_quarantined(connection, source=source, batch_id=batch, include_resolved=everything, limit=limit)
    if as_json:
        say_json([record.as_dict() for record in found])
        return
    if not found:
        say("Nothing is in quarantine." if everything else "Nothing is waiting in quarantine.")
        return
    say_table(
        "Quarantine",
        ["record", "source", "file", "reason", "detail", "bytes", "resolved by", "as"],
        [
            [r.reference, r.source, Path(r.name).name, r.reason, r.detail, r.size_bytes, r.resolved_by, r.resolution]
            for r in found
        ],
    )
    if len(found) == limit:
        say(f"The first {limit:,}; --limit shows more.")


@app.command()
def show(
    record: Annotated[str, typer.Argument(metavar="BATCH:LINE")],
    raw: Annotated[bool, typer.Option("--raw", help="Only the record's bytes, as they came.")] = False,  # noqa: FBT002
) -> None:
    """Show one refused record, with the bytes that came."""
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.landing.replay import show_quarantined  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        found, content = show_quarantined(connection, record)
    if raw:
        sys.stdout.buffer.write(content)
        return
    say(f"{found.reference}  {found.source}  {cell(found.name)}")
    say(f"{found.reason}: {cell(found.detail)}")
    if found.resolution == "accepted":
        say(f"Accepted since, in batch {found.resolved_by}.")
    elif found.resolution == "duplicate":
        say(f"Closed as a duplicate by batch {found.resolved_by}: the same change had landed before.")
    say(cell(content[:4000].rstrip(b"\r\n").decode("utf-8", "backslashreplace")))
    if len(content) > 4000:
        say(f"… {len(content):,} bytes in all; --raw writes them out.")


@app.command()
def replay(
    records: Annotated[list[str], typer.Argument(metavar="BATCH|BATCH:LINE...")],
    record_file: Annotated[
        Path | None, typer.Option("--record", help="The mended record, in place of the one in quarantine.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Try refused records again, under the contract as it is now; exits with 1 if none is taken."""
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.landing.replay import replay as run  # noqa: PLC0415
    from atlas.sources import load_sources  # noqa: PLC0415

    settings = Settings.from_environment()
    mended = None
    if record_file is not None:
        if len(records) != 1:
            raise UsageError("A mended record takes the place of one record: name just that one.")
        try:
            if record_file.stat().st_size > LARGEST_RECORD_FILE:
                raise UsageError(f"{record_file} is too large for one record.")
            mended = record_file.read_bytes()
        except OSError as error:
            raise UsageError(f"{record_file} can't be read: {error.strerror}.") from error
    sources = load_sources(settings.project)
    with connect_migrated(settings) as connection:
        receipts = [run(connection, sources, reference, mended=mended) for reference in records]
    if as_json:
        say_json([receipt.as_dict() for receipt in receipts])
    else:
        for receipt in receipts:
            say_receipt(receipt)
    if any(receipt.failed for receipt in receipts):
        raise typer.Exit(1)
