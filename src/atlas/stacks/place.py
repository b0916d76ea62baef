"""Where a stack's private things lie, and what Pulumi has to be told of them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.errors import UsageError

if TYPE_CHECKING:
    from atlas.settings import Settings

# Of the Docker names that begin with it; Pulumi itself would allow more.
STACK_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
PRIVATE_DIRECTORY = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True)
class Place:
    """A stack's private directory, outside the repository, and the program.

    Attributes:
        stack: the stack's name.
        program: the directory of the Pulumi program.
        directory: the stack's own, readable by its owner alone.
        state: Pulumi's state of all stacks, unless ``PULUMI_BACKEND_URL`` names another backend.
    """

    stack: str
    program: Path
    directory: Path
    state: Path

    @property
    def config_file(self) -> Path:
        """Pulumi's configuration file with the stack's secrets, encrypted."""
        return self.directory / f"Pulumi.{self.stack}.yaml"

    @property
    def passphrase_file(self) -> Path:
        """The passphrase that opens them."""
        return self.directory / "passphrase"

    @property
    def env_file(self) -> Path:
        """Shell exports for Atlas, dbt and Pulumi."""
        return self.directory / "env"

    def pulumi_variables(self) -> dict[str, str]:
        """What plain Pulumi needs in its environment to work on this stack; what its user set there stays.

        What `atlas env` set there for another stack doesn't.
        """
        wanted = {"PULUMI_BACKEND_URL": f"file://{self.state}"}
        if self.passphrase_file.exists() and "PULUMI_CONFIG_PASSPHRASE" not in os.environ:
            wanted["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(self.passphrase_file)
        if self.config_file.exists():
            wanted["PULUMI_OPTION_CONFIG_FILE"] = str(self.config_file)
        names = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_OPTION_CONFIG_FILE")
        given = {name: value for name in names if (value := os.environ.get(name)) and not self._is_anothers(value)}
        return wanted | given

    def _is_anothers(self, value: str) -> bool:
        owner = Path(value).parent
        return owner.parent == self.directory.parent and owner != self.directory


def place_of(stack: str, settings: Settings) -> Place:
    """The place of a stack; nothing is made yet.

    Raises:
        UsageError: the name isn't one, or the project has no Pulumi program.
    """
    if not STACK_NAME.fullmatch(stack):
        raise UsageError(f"{stack!r} can't be a stack's name. Take up to 31 of a-z, 0-9 and -, such as local.")
    program = settings.project / "infra"
    if not (program / "Pulumi.yaml").is_file():
        raise UsageError(f"There is no Pulumi program in {program}.")
    return Place(stack, program, settings.home / "stacks" / stack, settings.home / "pulumi")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, never for an instant otherwise, and never half."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
    path.parent.chmod(PRIVATE_DIRECTORY)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
