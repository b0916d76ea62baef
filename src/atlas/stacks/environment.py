"""Enter a stack: its variables for this process, and the file that sets them for a shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from atlas.settings import STACK_VARIABLES
from atlas.stacks import workspace
from atlas.stacks.operate import NotUpError, outputs
from atlas.stacks.place import place_of
from atlas.stacks.variables import variables, write_environment

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.settings import Settings


def enter(stack: str, settings: Settings) -> Path:
    """Set the stack's variables in this process and write them for a shell.

    A stack that has its secrets but isn't up yet gives what plain Pulumi needs, and no more.

    Returns:
        The file to source. It holds no secret, but names the files that do.

    Raises:
        ServiceError: Pulumi is missing or failed.
        UsageError: there is no such stack.
    """
    place = place_of(stack, settings)
    workspace.require_pulumi()
    selected = workspace.select(place)
    try:
        found = outputs(selected, place)
    except NotUpError:
        if not place.config_file.exists():
            raise
        found = {}
    write_environment(found, place)
    for variable in STACK_VARIABLES:
        os.environ.pop(variable.name, None)
    os.environ["ATLAS_PROJECT"] = str(place.program.parent)
    if found:
        os.environ.update(variables(found, place.directory))
    return place.env_file
