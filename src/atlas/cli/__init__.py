"""The command line. Commands are thin: they read arguments, call the package, and print."""

from __future__ import annotations

import logging
import os
import sys

import typer

from atlas.cli import (
    anomalies,
    assets,
    audit,
    build,
    collect,
    database,
    demo,
    landing,
    lineage,
    partitions,
    protect,
    quarantine,
    roles,
    scan,
    scores,
    stacks,
    status,
)
from atlas.cli.output import UNPRINTABLE, note
from atlas.errors import AtlasError

app = typer.Typer(
    name="atlas",
    help="A governed data platform on plain PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 1 data was refused or a check failed, 2 wrong use, 3 a service is missing.",
)
app.command("demo")(demo.demo)
app.add_typer(database.app, name="db")
app.command("migrate")(database.migrate)
app.command("land")(landing.land)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(collect.app, name="collect")
app.command("build", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(build.build)
app.add_typer(anomalies.app, name="anomalies")
app.add_typer(roles.app, name="roles")
app.command("partitions")(partitions.partitions)
app.command("status")(status.status)
app.command("scan")(scan.scan)
app.command("scores")(scores.scores)
app.command("lineage")(lineage.lineage)
app.command("assets")(assets.assets)
app.command("protect")(protect.protect)
app.add_typer(audit.app, name="audit")
app.command("doctor")(status.doctor)
app.command("env")(status.env)
app.command("up")(stacks.up)
app.command("down")(stacks.down)


def main() -> None:
    """Run a command; turn the failures that a user can act on into one line and an exit code."""
    # What psycopg logs while it cleans up after a lost connection, the error itself says better.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    logging.getLogger("psycopg").propagate = False
    try:
        app()
    except AtlasError as error:
        _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        _complain("Interrupted.", 130)
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain once more while closing it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _complain(f"The system refused: {error}", 3)
    except Exception as error:
        import psycopg  # noqa: PLC0415 - by now it is imported, or it isn't its error

        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            _complain(f"The database went away: {str(error).strip().splitlines()[0]}", 3)
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            _complain(f"The database's role may not do this: {str(error).strip().splitlines()[0]}", 3)
        raise


def _complain(message: str, exit_code: int) -> None:
    lines = [line.translate(UNPRINTABLE) for line in message.split("\n")]
    note("atlas: " + "\n".join(lines))
    sys.exit(exit_code)
