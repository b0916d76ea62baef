"""``atlas land``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.output import cell, note, progress, say, say_json
from atlas.errors import UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.landing import Receipt
    from atlas.sources import Source


def land(
    source: Annotated[str, typer.Argument(metavar="SYSTEM.ENTITY", help="A source that the dbt project declares.")],
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|DIR|-", help="What was delivered; - is standard input, NDJSON unless --format says otherwise."
        ),
    ],
    file_format: Annotated[
        str | None, typer.Option("--format", help="ndjson, csv or parquet, where the name doesn't tell.")
    ] = None,
    snapshot_at: Annotated[
        str | None,
        typer.Option(help="The moment that a snapshot shows (RFC 3339); by default the file's last modification."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Receipts for scripts.")] = False,  # noqa: FBT002
) -> None:
    """Land files: each is one batch, checked record by record, all of it or nothing.

    Exits with 1 if a file was refused, or brought records of which none could be taken.
    """
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.landing.readers import FORMATS  # noqa: PLC0415
    from atlas.sources import find_source  # noqa: PLC0415

    settings = Settings.from_environment()
    declared = find_source(settings.project, source)
    if file_format is not None and file_format not in FORMATS:
        raise UsageError(f"The format must be one of {', '.join(FORMATS)}, not {file_format!r}.")
    moment = _moment(snapshot_at, declared)
    paths = list(_expand(files, file_format))
    receipts: list[Receipt] = []
    try:
        with connect_migrated(settings) as connection:
            for path in paths:
                receipts.append(_land_one(connection, declared, path, file_format, moment))
                if not as_json:
                    say_receipt(receipts[-1])
    finally:
        # Also when a later file fails: what has been landed by then, has.
        if as_json:
            say_json([receipt.as_dict() for receipt in receipts])
    if any(receipt.failed for receipt in receipts):
        raise typer.Exit(1)


def _land_one(
    connection: Connection[TupleRow],
    source: Source,
    path: Path | None,
    file_format: str | None,
    snapshot_at: datetime | None,
) -> Receipt:
    from atlas.landing import land_file, land_stream  # noqa: PLC0415

    with progress(f"Landing {path or 'standard input'}", "records") as report:
        if path is None:
            return land_stream(
                connection,
                source,
                sys.stdin.buffer,
                declared_format=file_format,
                snapshot_at=snapshot_at,
                progress=report,
            )
        return land_file(
            connection, source, path, declared_format=file_format, snapshot_at=snapshot_at, progress=report
        )


def _moment(text: str | None, source: Source) -> datetime | None:
    if text is None:
        return None
    if source.delivery != "snapshot":
        raise UsageError(f"{source.name} delivers changes, each with its own time; --snapshot-at is for snapshots.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--snapshot-at must be a time such as 2026-01-31T00:00:00Z, not {text!r}.") from error
    if moment.tzinfo is None:
        raise UsageError(f"--snapshot-at must say its time zone or offset, as in {text}Z.")
    return moment.astimezone(UTC)


def _expand(files: list[str], file_format: str | None) -> Iterator[Path | None]:
    """The files to land, directories opened; None is standard input."""
    from atlas.landing.readers import FORMATS, format_of  # noqa: PLC0415

    for name in files:
        path = Path(name)
        if not name:
            raise UsageError("A file's name is empty. Is a shell variable unset?")
        if name == "-":
            yield None
        elif path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
            fitting = [p for p in inside if file_format or format_of(p.name)]
            for skipped in sorted(set(inside) - set(fitting)):
                note(f"Left out, its name tells no format: {skipped}")
            if not fitting:
                raise UsageError(f"The directory {path} holds no file to land.")
            yield from fitting
        elif not path.exists():
            raise UsageError(f"There is no file {path}.")
        elif file_format is None and format_of(name) is None:
            raise UsageError(f"{path}: can't tell the format by the name. Give it: --format {'|'.join(FORMATS)}")
        else:
            yield path


def say_receipt(receipt: Receipt) -> None:
    """Print a receipt for people: one line, and below it whatever wasn't taken as it was."""
    path = Path(receipt.name)
    name = cell(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else receipt.name)
    if receipt.outcome == "already_landed":
        say(f"{receipt.source}  {name}: landed before, as batch {receipt.batch_id}; nothing to do")
        return
    if receipt.outcome == "refused":
        say(f"{receipt.source}  {name}: refused as a whole: {cell(receipt.refusal)}")
        return
    say(
        f"{receipt.source}  {name}: batch {receipt.batch_id}, {receipt.read:,} read = {receipt.accepted:,} accepted"
        f" + {receipt.duplicate:,} duplicate + {receipt.quarantined:,} quarantined, in {receipt.duration_s:.2f} s"
    )
    if receipt.reasons:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in receipt.reasons.items())
        say(f"    quarantined: {reasons} (atlas quarantine list --batch {receipt.batch_id})")
    if receipt.drift:
        say(f"    undeclared:  {cell(', '.join(f'{field} {count:,}' for field, count in receipt.drift.items()))}")
