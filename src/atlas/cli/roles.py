"""``atlas roles``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from atlas.cli.output import say, say_json, say_table
from atlas.settings import Settings

app = typer.Typer(help="Who may do and see what, until when.", no_args_is_help=True)

Name = Literal["read", "write", "admin", "owner", "public", "internal", "confidential", "restricted", "secret"]
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="A login of the server's; its DBA makes it.")]
Role = Annotated[Name, typer.Argument(metavar="ROLE", help="read, write, admin, owner, or a level to be cleared for.")]


@app.command()
def grant(
    login: Login,
    role: Role,
    expires: Annotated[
        str | None, typer.Option(help="The day (UTC) from which it doesn't hold any more, or in how many days: 90d.")
    ] = None,
) -> None:
    """Grant a role, or renew it. A clearance ends to the second, the right to read or write with the next run."""
    from atlas import roles  # noqa: PLC0415
    from atlas.audit.reads import record_reads  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    until = roles.expiry(expires, datetime.now(UTC)) if expires is not None else None
    with connect_migrated(settings) as connection:
        is_ready = roles.grant(connection, login, role, until)
        is_recorded = record_reads(connection, login)
    say(f"{login} has the role {role} now{f', until {until:%Y-%m-%d %H:%M} UTC' if until else ''}.")
    if not is_ready:
        say(f"{login} has to run `atlas migrate` once, so that what dbt makes for it belongs to no login.")
    if not is_recorded:
        say(f"What {login} reads isn't on record yet: `atlas doctor` says how a superuser has pgaudit write it down.")


@app.command()
def revoke(login: Login, role: Role) -> None:
    """Take a role away, whoever granted it. What runs already isn't stopped; the next query goes without."""
    from atlas import roles  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        roles.revoke(connection, login, role)
    say(f"{login} doesn't have the role {role} any more.")


@app.command("list")
def list_all(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:  # noqa: FBT002
    """List who has what, until when, those included whose grant has expired or who were made members by hand."""
    from atlas import roles  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        found = roles.list_grants(connection)
    if as_json:
        say_json(found)
        return
    say_table(
        "Roles (UTC)",
        ["login", "role", "state", "until", "granted", "by"],
        [
            [
                row["login"],
                roles.NAMES[row["role"]],
                row["state"],
                f"{row['expires_at']:%Y-%m-%d %H:%M}" if row["expires_at"] else None,
                f"{row['granted_at']:%Y-%m-%d %H:%M}" if row["granted_at"] else None,
                row["granted_by"] or row["grantors"],
            ]
            for row in found
        ],
    )
