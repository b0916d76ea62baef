"""Fields of a source's records, as a column of dbt's YAML declares them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from atlas.declarations import check_known, meta_of, shown, shown_name
from atlas.errors import UsageError

SCALAR_TYPES = ("text", "integer", "numeric", "boolean", "date", "timestamptz", "uuid", "json")
FIELD_TYPES = frozenset(SCALAR_TYPES) | {f"{scalar}[]" for scalar in SCALAR_TYPES}
RULES_BY_TYPE = {
    "accepted_values": frozenset({"text", "integer"}),
    "pattern": frozenset({"text"}),
    "min": frozenset({"integer", "numeric", "date", "timestamptz"}),
    "max": frozenset({"integer", "numeric", "date", "timestamptz"}),
}
# Others of a column's meta are Atlas's too, and say nothing of what a record may hold.
KNOWN_META = ("required", *RULES_BY_TYPE, "classification", "pii", "mask", "subject_key")
# Postgres cuts longer names without a word, and two columns could become one.
LONGEST_NAME_BYTES = 63
BIGINT_MIN, BIGINT_MAX = -(2**63), 2**63 - 1
NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    rf"{DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
)
LIMITS = {
    "integer": "a whole number of 64 bits",
    "numeric": "a number",
    "date": "a date like 2024-01-31",
    "timestamptz": "a timestamptz with its zone, like 2024-01-31T12:00:00Z",
}


@dataclass(frozen=True)
class Field:
    """One declared field of a record.

    ``minimum`` and ``maximum`` are inclusive; ``load_sources`` gives them as ``limits`` does.
    """

    name: str
    type: str
    required: bool = False
    accepted_values: tuple[str | int, ...] | None = None
    pattern: str | None = None
    minimum: Any = None
    maximum: Any = None

    @property
    def limits(self) -> tuple[Any, Any]:
        """``minimum`` and ``maximum`` as the type has them: int, Decimal, date, or datetime in UTC; None for no limit.

        Raises:
            UsageError: a limit isn't of the type, or the minimum is above the maximum.
        """
        lowest, highest = (
            None if limit is None else self._limit(rule, limit)
            for rule, limit in (("min", self.minimum), ("max", self.maximum))
        )
        if lowest is not None and highest is not None and lowest > highest:
            raise UsageError(f"Column {shown_name(self.name)}: min {lowest} is above max {highest}.")
        return lowest, highest

    def _limit(self, rule: str, limit: Any) -> Any:
        kind = self.type.removesuffix("[]")
        try:
            found = _typed_limit(kind, limit)
        except (ValueError, ArithmeticError):  # a day that isn't, or a time that in UTC is outside of the years
            found = None
        if found is None:
            must = LIMITS.get(kind, "left out")
            raise UsageError(f"Column {shown_name(self.name)}: {rule} must be {must}, not {shown(limit)}.")
        return found


def field_of(column: dict[str, Any], number: int, where: str) -> Field:
    """The field that the ``number``-th column of a table declares; ``where`` names the table.

    Raises:
        UsageError: the declaration is wrong.
    """
    name = column.get("name")
    if not isinstance(name, str) or not name or "\x00" in name:
        raise UsageError(f"{where}, column {number}: a column's name must be text, not {shown(name)}.")
    place, where = where, f"{where}, column {shown_name(name)}"
    if len(name.encode(errors="surrogatepass")) > LONGEST_NAME_BYTES:
        raise UsageError(f"{where}: the name is longer than {LONGEST_NAME_BYTES} bytes.")
    type_name = column.get("data_type")
    if not isinstance(type_name, str) or type_name not in FIELD_TYPES:
        raise UsageError(
            f"{where}: data_type must be one of {', '.join(SCALAR_TYPES)}, or one of these with [], "
            f"not {shown(type_name)}."
        )
    meta = meta_of(column, where)
    check_known(meta, KNOWN_META, f"{where}: meta")
    for rule, types in RULES_BY_TYPE.items():
        if rule in meta and type_name not in types:
            raise UsageError(f"{where}: {rule} is for {', '.join(sorted(types))}, not for {type_name}.")
        if rule in meta and meta[rule] is None:
            raise UsageError(f"{where}: {rule} says nothing.")
    required = meta.get("required", False)
    if not isinstance(required, bool):
        raise UsageError(f"{where}: required must be true or false, not {shown(required)}.")
    accepted = _accepted_values(meta, type_name, where)
    if accepted is not None and not meta.keys().isdisjoint({"pattern", "min", "max"}):
        raise UsageError(f"{where}: accepted_values leaves nothing for pattern, min or max to say.")
    declared = Field(name, type_name, required, accepted, _pattern(meta, where), meta.get("min"), meta.get("max"))
    try:
        lowest, highest = declared.limits
    except UsageError as error:
        raise UsageError(f"{place}, column{str(error).removeprefix('Column')}") from error
    return replace(declared, minimum=lowest, maximum=highest)


def _accepted_values(meta: dict[str, Any], type_name: str, where: str) -> tuple[str | int, ...] | None:
    if "accepted_values" not in meta:
        return None
    accepted = meta["accepted_values"]
    kind = int if type_name == "integer" else str
    # A boolean is an int to isinstance.
    if not isinstance(accepted, list) or not accepted or not all(type(value) is kind for value in accepted):
        words = "whole numbers" if kind is int else "texts; quote what YAML takes for something else"
        raise UsageError(f"{where}: accepted_values must be a list of {words}, not {shown(accepted)}.")
    if len(set(accepted)) != len(accepted):
        raise UsageError(f"{where}: accepted_values names a value twice: {shown(accepted)}.")
    if kind is int and not all(BIGINT_MIN <= value <= BIGINT_MAX for value in accepted):
        raise UsageError(f"{where}: accepted_values must have at most 64 bits, not {shown(accepted)}.")
    return tuple(accepted)


def _pattern(meta: dict[str, Any], where: str) -> str | None:
    pattern = meta.get("pattern")
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        raise UsageError(f"{where}: pattern must be text, not {shown(pattern)}.")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{where}: pattern {shown(pattern)} isn't a regular expression: {error}.") from error
    return pattern


def _typed_limit(kind: str, limit: Any) -> int | Decimal | date | None:
    """The limit of an ``integer``, ``numeric``, ``date`` or ``timestamptz``, which YAML may have read already.

    Returns:
        None if it is of another type. May raise ValueError or ArithmeticError for the same reason.
    """
    found: int | Decimal | date | None = None
    is_text = isinstance(limit, str)
    if kind == "integer" and type(limit) is int and BIGINT_MIN <= limit <= BIGINT_MAX:
        found = limit
    elif kind == "numeric" and (type(limit) in (int, float, Decimal) or (is_text and NUMBER.fullmatch(limit))):
        number = Decimal(str(limit))
        found = number if number.is_finite() else None
    elif kind == "date" and is_text and DAY.fullmatch(limit):
        found = date.fromisoformat(limit)
    elif kind == "date" and type(limit) is date:
        found = limit
    elif kind == "timestamptz" and is_text and MOMENT.fullmatch(limit):
        found = datetime.fromisoformat(limit.upper()).astimezone(UTC)
    elif kind == "timestamptz" and isinstance(limit, datetime) and limit.tzinfo is not None:
        found = limit.astimezone(UTC)
    return found
