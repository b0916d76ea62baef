"""Write .env.example from the variables that Atlas's settings declare.

Values stay out of it: what a stack sets, `atlas env --stack` knows, and the rest has defaults.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.settings import OWN_VARIABLES, STACK_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.settings import Variable

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / ".env.example"
HEAD = """\
Written by `python tools/env_example.py` from src/atlas/settings.py; don't edit. Atlas needs none of this: copy what \
you want to change. Variables hold no secret, the key of pseudonyms aside; those that need one name a file. The tokens \
of collectors may stand in either."""


def text() -> str:
    """The file's content."""
    blocks = [_comment(HEAD)]
    blocks += _described(OWN_VARIABLES, "you")
    blocks += _described(STACK_VARIABLES, 'every stack, by eval "$(atlas env --stack NAME)"')
    return "\n\n".join(blocks) + "\n"


def _described(variables: tuple[Variable, ...], setter: str) -> Iterator[str]:
    for variable in variables:
        yield f"{_comment(variable.meaning)}\n# Default: {variable.default}\n# Set by: {setter}\n#{variable.name}="


def _comment(sentence: str) -> str:
    return textwrap.fill(sentence, 100, initial_indent="# ", subsequent_indent="# ")


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
