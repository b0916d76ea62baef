"""``atlas status``, ``atlas doctor`` and ``atlas env``."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from atlas import embedded
from atlas.cli.output import cell, say, say_json, say_table
from atlas.settings import Settings

PSQL_VARIABLES = {
    "PGHOST": "host",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGDATABASE": "dbname",
    "PGSSLMODE": "sslmode",
}
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


def status(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show what has arrived, what ran, and what waits for somebody."""
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.sources import load_sources  # noqa: PLC0415
    from atlas.state import read_state  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        state = read_state(connection, load_sources(settings.project))
    if as_json:
        say_json(asdict(state))
        return
    if not state.sources:
        say("Nothing has been landed yet. Try: atlas demo")
    for title, found in (
        ("Sources", state.sources),
        ("Collected", state.checkpoints),
        ("Last runs (UTC)", state.runs),
        ("Failed in the last run", state.failed_tasks),
        ("Models that read batch by batch", state.readers),
        ("Partitions to be looked after: atlas partitions", state.partitions),
    ):
        if found:
            say_table(title, [name.replace("_", " ") for name in found[0]], [_shown(row) for row in found])


def _shown(row: dict[str, object]) -> list[object]:
    return [f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "hour") else value for value in row.values()]


def doctor(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Look at everything that Atlas needs, and say what to type where something is missing; then exits with 3."""
    from atlas.doctor import examine  # noqa: PLC0415

    findings = []
    for finding in examine(Settings.from_environment()):
        findings.append(finding)
        if not as_json:
            say(f"{'ok     ' if finding.ok else 'PROBLEM'}  {finding.subject:<10} {cell(finding.detail)}")
    if as_json:
        say_json([asdict(finding) for finding in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(3)


def env(
    stack: Annotated[str | None, typer.Option(help="Use this stack's services, as `atlas up` brought them up.")] = None,
) -> None:
    """Print exports for a shell, so that dbt and psql are found, and find the project and the database.

    Use it so: eval "$(atlas env)". A password is never printed: dbt's profile reads it from ATLAS_DATABASE_URL itself,
    psql from PGPASSWORD or the password file.
    """
    from atlas.database import connection_parameters  # noqa: PLC0415

    settings = Settings.from_environment()
    if stack is not None:
        from atlas.stacks.environment import enter  # noqa: PLC0415

        say(f". {shlex.quote(str(enter(stack, settings)))}")
        settings = Settings.from_environment()
    exports = {
        "ATLAS_PROJECT": str(settings.project),
        "DBT_PROJECT_DIR": str(settings.project),
        "DBT_PROFILES_DIR": str(settings.project / "profiles"),
    }
    if settings.database_url is None:
        exports["ATLAS_HOME"] = str(settings.home)
    # A stack that isn't up has no database, and the embedded one isn't its.
    is_down = stack is not None and settings.database_url is None
    parameters = {} if is_down else connection_parameters(settings)
    for variable, parameter in PSQL_VARIABLES.items():
        if parameter in parameters:
            exports[variable] = str(parameters[parameter])
        elif is_down:
            say(f"unset {variable}")
    for name, value in exports.items():
        say(f"export {name}={shlex.quote(value)}")
    if settings.pseudonym_key is not None:
        # For plain dbt, whose profile has no place for it. The shell fills it in: a key is never printed.
        say('export PGOPTIONS="${PGOPTIONS:-} -c atlas.pseudonym_key=$ATLAS_PSEUDONYM_KEY"')
    programs = [str(Path(sys.executable).parent)]
    if shutil.which("psql") is None and (wheel := embedded.wheel_programs()) is not None:
        programs.append(str(wheel))
    say(f'export PATH={shlex.quote(os.pathsep.join(programs))}:"$PATH"')
