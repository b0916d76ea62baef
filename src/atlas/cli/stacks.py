"""``atlas up`` and ``atlas down``."""

from __future__ import annotations

from typing import Annotated

import typer

from atlas.cli.output import note, say
from atlas.errors import UsageError
from atlas.settings import Settings

Name = Annotated[str, typer.Option("--stack", help="The stack's name; infra/Pulumi.NAME.yaml holds its settings.")]


def up(
    stack: Name = "local",
    init_only: Annotated[  # noqa: FBT002
        bool, typer.Option("--init-only", help="Only make the stack and its secrets; then plain pulumi works on it.")
    ] = False,
) -> None:
    """Bring up a stack of services on a Docker engine: PostgreSQL, Redis, an object store, Marquez."""
    from atlas.stacks.operate import up as run  # noqa: PLC0415 - half a second of imports, for two commands
    from atlas.stacks.place import place_of  # noqa: PLC0415

    place = place_of(stack, Settings.from_environment())
    changed = run(place, note, init_only=init_only)
    if init_only:
        say(f"Stack {stack} has its secrets. Use it with plain Pulumi:")
        say(f'  eval "$(atlas env --stack {stack})" && cd infra && pulumi preview')
        return
    say(f"Stack {stack} is up, and every container is healthy." + ("" if changed else " Nothing had to change."))
    say(f'Use it: eval "$(atlas env --stack {stack})" && atlas migrate && atlas doctor')


def down(
    stack: Name = "local",
    delete_data: Annotated[  # noqa: FBT002
        bool, typer.Option("--delete-data", help="Also delete the volumes and the secrets. Asks for the stack's name.")
    ] = False,
) -> None:
    """Remove a stack's containers. Its data stays, unless told otherwise."""
    from atlas.stacks.operate import down as run  # noqa: PLC0415
    from atlas.stacks.place import place_of  # noqa: PLC0415

    place = place_of(stack, Settings.from_environment())
    if delete_data:
        note(f"This deletes everything that stack {stack} holds: its database, its objects, its secrets.")
        if typer.prompt("Type the stack's name to go on", default="", show_default=False, err=True) != stack:
            raise UsageError("That isn't the stack's name. Nothing was deleted.")
    run(place, note, delete_data=delete_data)
    say(f"Stack {stack} is gone, with its data." if delete_data else f"Stack {stack} is down. Its data is kept.")
