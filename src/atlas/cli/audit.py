"""``atlas audit``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from atlas.cli.output import say, say_json, say_table
from atlas.errors import DataError
from atlas.settings import Settings

app = typer.Typer(help="Who changed what, and the proof that this record is whole.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
MOST_SHOWN = 3


@app.command("log")
def log(
    table: Annotated[str | None, typer.Option(metavar="[SCHEMA.]TABLE", help="Only what was done to it.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=MOMENTS, help="Not before (UTC).")] = None,
    who: Annotated[str | None, typer.Option(metavar="ROLE", help="Only by this login, or as this role.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what was done to state tables, the newest first."""
    from atlas.audit.log import read_log  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    with connect_migrated(settings) as connection:
        found = read_log(connection, table=table, since=since, who=who, limit=limit)
    if as_json:
        say_json(found)
        return
    if not found:
        say("Nothing of that kind is in the log.")
        return
    say_table(
        "Audit log (UTC)",
        ["entry", "when", "who", "from", "table", "did", "rows", "which", "what", "seal"],
        [
            [
                str(e["entry_id"]),
                f"{e['logged_at']:%Y-%m-%d %H:%M:%S}",
                e["login"] if e["login"] == e["acting_as"] else f"{e['login']} as {e['acting_as']}",
                " ".join(filter(None, [e["application"], e["client"]])),
                e["table_name"],
                e["operation"],
                e["row_count"],
                _which(e["keys"]),
                _what(e["before"], e["after"]),
                str(e["seal"]) if e["seal"] else None,
            ]
            for e in found
        ],
    )
    if len(found) == limit:
        say(f"The last {limit:,}; --limit shows more.")


@app.command()
def seal(
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append the last seal here, to be kept where nobody edits it.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Seal what isn't sealed yet, and keep the last seal in Atlas's home. Each build does so at its end."""
    from atlas.audit import seals  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        last = seals.seal(connection)
    for place in filter(None, [settings.home / seals.KEPT, to]):
        if last is not None:
            seals.keep(last, place)
    if as_json:
        say_json(last._asdict() if last else None)
    elif last is None:
        say("The log is empty, so there is nothing to seal.")
    else:
        say(f"Seal {last.seal} of {last.sealed_at:%Y-%m-%d %H:%M:%S} UTC is the last: {last.sha256}")


@app.command()
def verify(
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Seals kept elsewhere, by `atlas audit seal --to`, say.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Prove that nothing was edited, removed, inserted or reordered; names the first entry that isn't as it was."""
    from atlas.audit.seals import KEPT  # noqa: PLC0415
    from atlas.audit.verify import verify as verify_log  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    kept = against or settings.home / KEPT
    with connect_migrated(settings) as connection:
        verdict = verify_log(connection, kept if against or kept.exists() else None, own_only=against is None)
    last = verdict.last_seal
    if as_json:
        say_json(
            {
                "whole": not verdict.findings,
                "findings": verdict.findings,
                "notes": verdict.notes,
                "seals": verdict.seals,
                "sealed": verdict.sealed,
                "unsealed": verdict.unsealed,
                "compared": verdict.compared,
                "last_seal": last and {"seal": last.number, "sha256": last.sha256.hex()},
            }
        )
    else:
        say(f"{verdict.seals:,} seals hold {verdict.sealed:,} entries.")
        for sentence in verdict.notes:
            say(sentence)
        if verdict.unsealed:
            say(f"{verdict.unsealed:,} entries aren't sealed yet, and so not proved. Seal them: atlas audit seal")
        if last is not None:
            say(f"The last seal is {last.seal}: {last.sha256.hex()}")
        if verdict.compared:
            say(f"Compared with {verdict.compared:,} seals kept in {kept}.")
        else:
            say(f"No seal of this database is kept in {kept}: whether the log's end was cut off can't be told.")
        for sentence in verdict.findings[1:]:
            say(f"Also: {sentence}")
    if verdict.findings:
        raise DataError(f"The audit log isn't as it was written. {verdict.findings[0]}")
    if not as_json:
        say("All of it is as it was sealed.")


def _which(keys: dict[str, list[Any]] | None) -> str | None:
    if not keys:
        return None
    rows = max(map(len, keys.values()))
    # What all rows share stands there once.
    shown = [
        " ".join(f"{name}={values[row if len(values) > 1 else 0]}" for name, values in keys.items())
        for row in range(min(rows, MOST_SHOWN))
    ]
    return ", ".join([*shown, "…"] if rows > MOST_SHOWN else shown)


def _what(before: dict[str, list[Any]] | None, after: dict[str, list[Any]] | None) -> str | None:
    """What changed, of the first row."""
    sides = [side for side in (before, after) if side is not None]
    names = list(dict.fromkeys(name for side in sides for name in side))
    changes = [f"{name}: {' → '.join(_shown(side[name][0]) for side in sides)}" for name in names[:MOST_SHOWN]]
    return ", ".join([*changes, "…"] if len(names) > MOST_SHOWN else changes) or None


def _shown(value: Any) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= 20 else f"{text[:19]}…"
