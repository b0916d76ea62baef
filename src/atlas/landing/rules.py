"""The rules of a contract that msgspec doesn't have: numbers as they are written, limits of times, patterns."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from atlas.landing.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlas.source_fields import Field

# Postgres holds more digits than anyone needs and refuses the rest in the middle of a COPY; this is well inside.
LONGEST_NUMBER = 400
LARGEST_EXPONENT = 1000
NUMBER = re.compile(rb'(?P<quote>"?)-?[0-9]+(?:\.[0-9]+)?(?:[eE](?P<exponent>[+-]?[0-9]+))?(?P=quote)')


class Rule(NamedTuple):
    """A rule for a field's values that are there and not null; a null that is raw counts as a value.

    Attributes:
        holds: a quick test, which may say no where a closer look says yes. Patterns are tested in C, without a function
            of ours around it: that is most of what a rule costs.
        look: the closer look; raises ``Refusal``.
    """

    holds: Callable[[Any], object]
    look: Callable[[Any], None]


def rule_of(field: Field) -> Rule | None:
    """The rule for the field's values, if there is one."""
    if field.type == "numeric":
        return _number_rule(field, null_allowed=not field.required)
    if field.type == "numeric[]":
        return _each(_number_rule(field, null_allowed=False))
    if field.type == "json" and field.required:
        return _not_null(field.name)
    if field.pattern is not None:
        return _pattern_rule(field.name, field.pattern)
    if field.type in ("date", "timestamptz") and field.limits != (None, None):
        return _time_rule(field)
    return None


def _number_rule(field: Field, *, null_allowed: bool) -> Rule:
    lowest, highest = field.limits
    name = field.name
    as_float = msgspec.json.Decoder(float).decode
    # Rounding keeps the order: what is strictly inside as a float is inside. What isn't is looked at exactly.
    above = -math.inf if lowest is None else float(lowest)
    below = math.inf if highest is None else float(highest)

    def holds(raw: msgspec.Raw) -> object:
        try:
            rounded = as_float(raw)
        except msgspec.MsgspecError:  # quoted, or no number
            return False
        # Long rows of digits have been met before (see ``may_be_odd``). Of what is left, only zero can hide an exponent
        # beyond LARGEST_EXPONENT.
        return rounded and above < rounded < below

    def look(raw: msgspec.Raw) -> None:
        text = bytes(raw)
        found = NUMBER.fullmatch(text)
        if found is None:
            if text != b"null":
                raise Refusal("wrong_type", f"{name} must be a number")
            if null_allowed:
                return
            raise Refusal("missing_field", f"{name} must be there, and is null")
        exponent = found["exponent"]
        if len(text) > LONGEST_NUMBER or (exponent and (len(exponent) > 5 or abs(int(exponent)) > LARGEST_EXPONENT)):
            raise Refusal("number_overflow", f"{name} has more digits or a larger exponent than is taken")
        number = Decimal(text.strip(b'"').decode())
        if (lowest is not None and number < lowest) or (highest is not None and number > highest):
            raise Refusal("out_of_range", f"{name} is {_out_of_range(lowest, highest)}")

    return Rule(holds, look)


def _each(rule: Rule) -> Rule:
    def holds(values: list[Any]) -> bool:
        return all(map(rule.holds, values))

    def look(values: list[Any]) -> None:
        for value in values:
            rule.look(value)

    return Rule(holds, look)


def _not_null(name: str) -> Rule:
    def refuse(_raw: msgspec.Raw) -> None:
        raise Refusal("missing_field", f"{name} must be there, and is null")

    return Rule(lambda raw: bytes(raw) != b"null", refuse)


def _pattern_rule(name: str, pattern: str) -> Rule:
    def refuse(_text: str) -> None:
        raise Refusal("pattern_not_matched", f"{name} doesn't match its pattern")

    # Three times as fast as msgspec's check of patterns.
    return Rule(re.compile(pattern).search, refuse)


def _time_rule(field: Field) -> Rule:
    lowest, highest = field.limits

    def holds(value: Any) -> bool:
        return (lowest is None or value >= lowest) and (highest is None or value <= highest)

    def refuse(_value: Any) -> None:
        raise Refusal("out_of_range", f"{field.name} is {_out_of_range(lowest, highest)}")

    return Rule(holds, refuse)


def _out_of_range(lowest: Any, highest: Any) -> str:
    first, last = (limit.isoformat() if isinstance(limit, date) else limit for limit in (lowest, highest))
    if highest is None:
        return f"below {first}"
    if lowest is None:
        return f"above {last}"
    return f"outside of {first} to {last}"
