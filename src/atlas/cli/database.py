"""``atlas db`` and ``atlas migrate``."""

from __future__ import annotations

from typing import Annotated

import typer

from atlas import embedded
from atlas.cli.output import say, say_json
from atlas.settings import Settings

app = typer.Typer(help="The embedded PostgreSQL.", no_args_is_help=True)


@app.command()
def start() -> None:
    """Start the embedded PostgreSQL, unless it runs."""
    server = embedded.start(Settings.from_environment())
    begun = "started" if server.started_now else "is running already"
    say(f"PostgreSQL {server.version} {begun}. Socket: {server.socket_directory}. Data: {server.data_directory}")


@app.command()
def stop() -> None:
    """Stop the embedded PostgreSQL."""
    say("Stopped." if embedded.stop(Settings.from_environment()) else "It wasn't running.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:  # noqa: FBT002
    """Say whether the embedded PostgreSQL runs; exits with 3 if it doesn't."""
    server = embedded.status(Settings.from_environment())
    if as_json:
        say_json(
            {
                "state": server.state,
                "version": server.version,
                "pid": server.pid,
                "data_directory": server.data_directory,
                "socket_directory": server.socket_directory,
                "log_file": server.log_file,
            }
        )
    elif server.running:
        say(f"PostgreSQL {server.version} is running (process {server.pid}).")
        say(f"Socket: {server.socket_directory}")
        say(f"Data:   {server.data_directory}")
        say(f"Log:    {server.log_file}")
    else:
        say("It isn't running. Start it: atlas db start")
    if not server.running:
        raise typer.Exit(3)


def migrate(
    to: Annotated[str, typer.Option(help="Revision: a number, head or base. May lie behind the present one.")] = "head",
) -> None:
    """Bring the database's schema to a revision, and make the landing tables of the declared sources."""
    from atlas.build import prepare_sources  # noqa: PLC0415
    from atlas.database import connect  # noqa: PLC0415
    from atlas.migrate import migrate as run  # noqa: PLC0415

    settings = Settings.from_environment()
    before, after = run(settings, to)
    if before == after:
        say(f"The schema is at revision {after} already.")
    else:
        say(f"The schema went from revision {before or 'nothing'} to {after or 'nothing'}.")
    if to == "head":
        with connect(settings) as connection:
            sources = prepare_sources(connection, settings)
        say(f"Landing tables are there for: {', '.join(sources) or 'no source yet'}.")
