"""A contract's fields as a msgspec type, which checks a record's types and presence in C while it decodes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from atlas.source_fields import BIGINT_MAX, BIGINT_MIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlas.source_fields import Field

# What a field of a msgspec Struct can't be named.
UNNAMEABLE = re.compile(r'["\\\x00-\x1f]')


@dataclass(frozen=True)
class RecordType:
    """How to decode a record.

    Attributes:
        decode: takes a record as JSON and returns a Struct with the declared fields, ``UNSET`` where they are absent.
            Raises msgspec's errors, UnicodeDecodeError or RecursionError.
        names: the fields in the Struct's order, sorted.
        is_canonical: whether the Struct's own encoding is the record in canonical JSON.
    """

    decode: Callable[[bytes], msgspec.Struct]
    names: tuple[str, ...]
    is_canonical: bool


def record_type(fields: tuple[Field, ...]) -> RecordType:
    """Make the type of records with ``fields``; others are passed over."""
    declared = sorted(fields, key=lambda field: field.name)
    names = tuple(field.name for field in declared)
    nameable = not any(map(UNNAMEABLE.search, names))
    # Attributes must be identifiers; by which name they are found in JSON, msgspec is told beside.
    attributes = {f"f{number}": field for number, field in enumerate(declared)}
    aliases = {field.name: field.name if nameable else f"\x7f{place}\x7f" for place, field in attributes.items()}
    struct = msgspec.defstruct(
        "Record",
        [(attribute, *_type_and_default(field)) for attribute, field in attributes.items()],
        rename={attribute: aliases[field.name] for attribute, field in attributes.items()},
        kw_only=True,
        gc=False,
    )
    decode = msgspec.json.Decoder(struct).decode
    return RecordType(decode if nameable else _by_aliases(decode, aliases), names, is_canonical=nameable)


def is_raw(field: Field) -> bool:
    """Whether values of the field stay JSON as it is written, for the rules to look at."""
    return _python_type(field) is msgspec.Raw


def _type_and_default(field: Field) -> tuple[Any, ...]:
    found = _python_type(field)
    if found is msgspec.Raw:
        # Raw takes null as it takes everything, and can't be one of several types. A required one that is absent is
        # left to the rules, for msgspec 0.22 takes nothing as Raw.
        return found, UNSET
    return (found,) if field.required else (found | None | UnsetType, UNSET)


def _python_type(field: Field) -> Any:
    """The type by which msgspec checks a field, null and absence apart."""
    if field.accepted_values is not None:
        return Literal[field.accepted_values]
    lowest, highest = field.limits if field.type == "integer" else (None, None)
    types: dict[str, Any] = {
        "text": str,
        "integer": Annotated[
            int,
            msgspec.Meta(ge=BIGINT_MIN if lowest is None else lowest, le=BIGINT_MAX if highest is None else highest),
        ],
        # Kept as the text it is: a float would lose digits.
        "numeric": msgspec.Raw,
        "boolean": bool,
        "date": date,
        "timestamptz": Annotated[datetime, msgspec.Meta(tz=True)],
        "uuid": UUID,
        "json": msgspec.Raw,
    }
    found = types[field.type.removesuffix("[]")]
    return list[found] if field.type.endswith("[]") else found  # type: ignore[valid-type]


def _by_aliases(
    decode: Callable[[bytes], msgspec.Struct], aliases: dict[str, str]
) -> Callable[[bytes], msgspec.Struct]:
    """Decode with the fields named otherwise in between, where msgspec can't take their names."""
    names = {alias: name for name, alias in aliases.items()}
    any_alias = re.compile("|".join(names))
    members = msgspec.json.Decoder(dict[str, msgspec.Raw])

    def decode_renamed(raw: bytes) -> msgspec.Struct:
        renamed = {aliases[name]: value for name, value in members.decode(raw).items() if name in aliases}
        try:
            return decode(msgspec.json.encode(renamed))
        except msgspec.ValidationError as error:
            complaint = any_alias.sub(lambda alias: names[alias[0]], str(error))
            raise msgspec.ValidationError(complaint) from error

    return decode_renamed
