"""``atlas protect``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.output import cell, say, say_json
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.grants import Difference


def protect(
    plan: Annotated[  # noqa: FBT002
        bool, typer.Option("--plan", help="Only say what would be done; exits with 1 if there is anything to do.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,  # noqa: FBT002
) -> None:
    """Bring what people may read to what the project declares, and take back rights that were given by hand.

    All of it happens in one transaction. Exits with 1 if something is left that Atlas may not mend.
    """
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.errors import UsageError  # noqa: PLC0415
    from atlas.protection import declared_protections, differences, repair  # noqa: PLC0415

    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        if connection.execute("select current_user::text").fetchone() != ("atlas_owner",):
            raise UsageError(
                f"{connection.info.user} is no owner, and only an owner sees all that is compared. An admin sees what "
                "is held on whom, and who can see it: atlas assets --subject"
            )
        declared = declared_protections(settings)
        found = left = differences(connection, declared, settings.project)
        if found and not plan:
            repair(connection, found)
            left = differences(connection, declared, settings.project)
    if as_json:
        say_json({"found": [_as_json(one) for one in found], "left": [_as_json(one) for one in left]})
    else:
        _say(found, left, plan=plan)
    if left:
        raise typer.Exit(1)


def _as_json(one: Difference) -> dict[str, object]:
    return {name: value for name, value in asdict(one).items() if name != "repairs"}


def _say(found: Sequence[Difference], left: Sequence[Difference], *, plan: bool) -> None:
    for one in found:
        say(f"{cell(one.relation)}: {cell(one.sentence)}")
    if not found:
        say("Everything is protected as the project declares.")
    elif plan:
        say(f"{len(found)} to mend: atlas protect")
    else:
        say(f"Mended: {len(found) - len(left)} of {len(found)}.")
        for one in left:
            say(f"Left, since the role of this session may not: {cell(one.relation)}: {cell(one.sentence)}")
