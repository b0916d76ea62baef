"""The second look at a record: finds what decoding it by its type passes over, and words for what that refuses."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from atlas.landing.record_type import record_type
from atlas.landing.refusal import Refusal, refusal_of
from atlas.landing.rules import LARGEST_EXPONENT, LONGEST_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from atlas.sources import Source

# Postgres reads no time with more than about 125 digits of a second, which RFC 3339 and msgspec do.
LONG_FRACTION = re.compile(r"\.[0-9]{120}")
DEEPEST_NESTING = 100
HALF_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")

# A record's declared fields, in the order of its type; the whole record in canonical JSON; its undeclared fields.
Looked = tuple[tuple[Any, ...], bytes, "Set[str]"]


def closer_look(source: Source) -> Callable[[bytes], Looked]:
    """How to look at a record of any shape: returns what it holds, or raises ``Refusal``."""
    upserts = record_type(source.fields)
    deletes = record_type(source.fields_of_deletes)
    names = upserts.names
    declared = frozenset(names)
    json_fields = {f.name for f in source.fields if f.type.removesuffix("[]") == "json"}
    time_fields = [f.name for f in source.fields if f.type.removesuffix("[]") == "timestamptz"]

    def look(raw: bytes) -> Looked:
        anything = _decode_anything(raw)
        operation = None if source.operation is None else anything.get(source.operation)
        is_delete = isinstance(operation, str) and operation in source.deletes
        try:
            values = msgspec.structs.astuple((deletes if is_delete else upserts).decode(raw))
        except msgspec.MsgspecError as complaint:
            raise refusal_of(str(complaint)) from complaint
        for name in time_fields:
            written = anything.get(name)
            texts = written if isinstance(written, list) else [written]
            if any(text is not None and LONG_FRACTION.search(text) for text in texts):
                raise Refusal("wrong_type", f"{name} has more digits of a second than are taken")
        undeclared = anything.keys() - declared
        if undeclared and source.refuse_unknown:
            raise Refusal("unknown_field", f"undeclared: {', '.join(sorted(undeclared))}"[:500])
        # Documents are in there with their members sorted, numbers as they are written.
        typed = zip(names, values, strict=True)
        whole = anything | {name: value for name, value in typed if value is not UNSET and name not in json_fields}
        return values, _canonical.encode(whole), undeclared

    return look


def _exact_number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError as error:  # the exponent alone is longer than Decimal takes
        raise ValueError("number_overflow") from error
    if len(text) > LONGEST_NUMBER or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError("number_overflow")
    return number


_anything = msgspec.json.Decoder(float_hook=_exact_number)
_canonical = msgspec.json.Encoder(order="sorted", decimal_format="number")


def _decode_anything(raw: bytes) -> dict[str, Any]:
    """Decode a record of any shape, refusing what is not JSON, or is JSON that Postgres can't hold."""
    try:
        anything = _anything.decode(raw)
        keys = _inspect(anything, 0)
    except UnicodeDecodeError as error:
        raise Refusal("invalid_encoding", "not UTF-8") from error
    except RecursionError as error:
        raise Refusal("nested_too_deep", f"nested deeper than {DEEPEST_NESTING} levels") from error
    except (msgspec.MsgspecError, ValueError) as error:
        if raw.rstrip().endswith(b"}") and HALF_PAIR.search(raw):
            # Close to the end of a record, msgspec takes it for a truncated one.
            raise Refusal("malformed_json", "holds half of a UTF-16 surrogate pair") from error
        raise refusal_of(str(error)) from error
    if not isinstance(anything, dict):
        raise Refusal("not_an_object", "the record must be a JSON object")
    if raw.count(b'":') != keys or re.search(rb"[ \t\r\n]:", raw):
        _refuse_duplicate_keys(raw)
    return anything


def _inspect(value: Any, depth: int) -> int:
    """Number of keys in a decoded value, at all levels; refuses NUL characters and deep nesting on the way."""
    if isinstance(value, str):
        if "\x00" in value:
            raise Refusal("nul_character", "holds the character U+0000, which Postgres can't store")
        return 0
    if not isinstance(value, dict | list):
        return 0
    if depth == DEEPEST_NESTING:
        raise Refusal("nested_too_deep", f"nested deeper than {DEEPEST_NESTING} levels")
    if isinstance(value, list):
        return sum(_inspect(item, depth + 1) for item in value)
    return len(value) + sum(_inspect(name, depth) + _inspect(item, depth + 1) for name, item in value.items())


def _refuse_duplicate_keys(raw: bytes) -> None:
    def pairs(items: list[tuple[str, Any]]) -> None:
        names = Counter(name for name, _ in items)
        twice = sorted(name for name, count in names.items() if count > 1)
        if twice:
            raise Refusal("duplicate_key", f"given more than once: {', '.join(twice)}"[:500])

    # Numbers are left as text: they have been looked at, and converting long ones is slow.
    json.loads(raw, object_pairs_hook=pairs, parse_float=str, parse_int=str)
