"""``atlas anomalies``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.output import cell, say, say_json, say_table
from atlas.settings import Settings

if TYPE_CHECKING:
    from atlas.anomalies import Feedback

app = typer.Typer(help="Measurements that aren't as their past lets expect.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
AnomalyId = Annotated[int, typer.Argument(metavar="ID", help="As `atlas anomalies list` names it.")]
Note = Annotated[str | None, typer.Option(help="Why; kept with who said so.")]
Downstream = Annotated[bool, typer.Option("--downstream", help="Also of those that last and follow it.")]
MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@app.command("list")
def list_all(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,  # noqa: FBT002
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many at most.")] = 100,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List anomalies, those that last first; those that one fault may have made stand together."""
    from atlas.anomalies import list_anomalies  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        found = list_anomalies(connection, everything=everything, limit=limit)
    if as_json:
        say_json(found)
        return
    if not found:
        say("No anomaly was ever found." if everything else "No anomaly lasts; --all shows those that are over.")
        return
    say_table(
        "Anomalies (UTC)",
        ["id", "follows", "severity", "state", "since", "until", "what"],
        [
            [
                str(a["anomaly_id"]),
                str(a["upstream_anomaly"]) if a["upstream_anomaly"] else None,
                a["severity"],
                a["state"],
                f"{a['opened_at']:%Y-%m-%d %H:%M}",
                f"{a['last_at']:%Y-%m-%d %H:%M}" if a["closed_at"] else None,
                a["sentence"],
            ]
            for a in found
        ],
    )
    if len(found) == limit:
        say(f"The first {limit:,}; --limit shows more.")


@app.command()
def ack(anomaly_id: AnomalyId, note: Note = None, downstream: Downstream = False) -> None:  # noqa: FBT002
    """Say that somebody looks at it: it is judged as before, but no run warns of it or fails over it any more."""
    _answer(anomaly_id, "acknowledged", note, downstream=downstream)


@app.command()
def expected(anomaly_id: AnomalyId, note: Note = None, downstream: Downstream = False) -> None:  # noqa: FBT002
    """Say that it is right so: what comes is judged by it, too, and a new level stops alarming at once."""
    _answer(anomaly_id, "expected", note, downstream=downstream)


@app.command()
def incident(
    anomaly_id: AnomalyId,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=MOMENTS, help="When it began (UTC), if not when first seen.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=MOMENTS, help="When it ended (UTC), if not when last seen.")
    ] = None,
    note: Note = None,
    downstream: Downstream = False,  # noqa: FBT002
) -> None:
    """Say that the data were wrong: nothing is learned from that time."""
    _answer(anomaly_id, "incident", note, since, until, downstream=downstream)


def _answer(
    anomaly_id: int,
    feedback: Feedback,
    note: str | None,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    downstream: bool = False,
) -> None:
    from atlas.anomalies import following, give_feedback  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        numbers = [anomaly_id, *(following(connection, anomaly_id) if downstream else [])]
        for number in numbers:
            sentence = give_feedback(
                connection, number, feedback, note=note, since=_in_utc(since), until=_in_utc(until)
            )
            say(f"Anomaly {number} is {'an incident' if feedback == 'incident' else feedback}: {cell(sentence)}")


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
