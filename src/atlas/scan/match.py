"""What a validator says of a value."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Match:
    """A part of a value that fits a pattern.

    Attributes:
        text: the part. Raw: it must not leave the process; see ``shape_of``.
        is_certain: the part says itself what it is. Otherwise it may be, and its column has to speak for it.
        is_refuted: the part is written as if it surely were it, and isn't. Where most are, the others are by chance.
    """

    text: str
    is_certain: bool
    is_refuted: bool = False


LONGEST_SHAPE = 40
_DIGIT, _OTHER = re.compile(r"\d"), re.compile(r"[^ -@\[-`{-~]")


def shape_of(text: str) -> str:
    """How a value looks: • for a letter, # for a digit, ASCII punctuation as it is, and nothing of what it says."""
    shape = _OTHER.sub("•", _DIGIT.sub("#", text[: LONGEST_SHAPE + 1]))
    return shape if len(shape) <= LONGEST_SHAPE else f"{shape[:LONGEST_SHAPE]}…"
