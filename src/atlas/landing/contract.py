"""A source's contract, compiled: one call per record, which returns what is to be stored or says what is wrong.

Records of every format come here as JSON, so that one set of rules decides. The common record (all fields declared, no
nested object, nothing odd in its text) is decoded and encoded by its type in C; the rest takes a second, slower look.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec import UNSET
from msgspec.structs import astuple

from atlas.landing.closer_look import closer_look
from atlas.landing.record_type import is_raw, record_type
from atlas.landing.refusal import Refusal
from atlas.landing.rules import rule_of

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from atlas.source_fields import Field
    from atlas.sources import Source

# Postgres counts microseconds from here in its binary format.
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST_EVENT_US = (datetime.min.replace(tzinfo=UTC) - POSTGRES_EPOCH) // MICROSECOND
LATEST_EVENT_US = (datetime.max.replace(tzinfo=UTC) - POSTGRES_EPOCH) // MICROSECOND

# A record that holds the contract, ready to be stored: its key as text; the time of its event in microseconds since
# 2000-01-01 UTC, None for snapshots; whether it is a delete; the SHA-256 of the record in canonical JSON (fields
# sorted, no blanks), by which the same change is known again.
Checked = tuple[bytes, int | None, bool, bytes]

# What the decoder lets pass: keys that stand apart from their colon, where counting doesn't find them, and the escape
# of U+0000, which Postgres can't store (or an escaped backslash before u0000).
ODD = (b" :", b"\t:", b"\r:", b"\\u0000")
# It also lets pass 120 digits in a row. Of these, ten that stand twelve apart are met by looking at every twelfth byte.
EVERY, TOGETHER = 12, b"1" * 10
DIGITS = bytes(b"01"[chr(byte) in "0123456789"] for byte in range(256))


def may_be_odd(text: bytes) -> bool:
    """Whether a record within ``text`` may need a closer look; cheap for many lines at once. Line feeds don't count."""
    # Most of the first bytes are rare, and a single byte is found much faster than several.
    if any(sign[:1] in text and text.rfind(sign) >= 0 for sign in ODD):
        return True
    return TOGETHER in text[::EVERY].translate(DIGITS)


NOT_DECODED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Check(Protocol):
    """See ``Contract.check``."""

    def __call__(self, raw: bytes, *, odd: bool = True) -> Checked:
        """Check one record."""


@dataclass(frozen=True)
class Contract:
    """A compiled contract.

    Attributes:
        check: takes a record as JSON and returns a ``Checked``, or raises ``Refusal``. ``odd=False`` promises that
            ``may_be_odd`` says no of the record, and that it holds no line feed, which spares looking for them.
        drift: undeclared fields met so far, by name, with the number of accepted records that carry them.
    """

    check: Check
    drift: Counter[str]


def compile_contract(source: Source) -> Contract:
    """Compile the contract of ``source``.

    Raises:
        UsageError: a limit of it (min, max) isn't of its field's type.
    """
    drift: Counter[str] = Counter()
    return Contract(check=_checker(source, drift), drift=drift)


def _checker(source: Source, drift: Counter[str]) -> Check:
    record = record_type(source.fields)
    decode, encode, sha256 = record.decode, msgspec.json.Encoder().encode, hashlib.sha256
    width = len(record.names)
    place_of = {name: place for place, name in enumerate(record.names)}
    rules, rules_of_deletes = _rules(source.fields, place_of), _rules(source.fields_of_deletes, place_of)
    # Of these, the decoder doesn't see that they are absent.
    unseen = [(f.name, place_of[f.name]) for f in source.fields if f.required and is_raw(f)]
    always_closer = not record.is_canonical or any(f.type.removesuffix("[]") == "json" for f in source.fields)
    event_at = None if source.event_at is None else place_of[source.event_at]
    operation = None if source.operation is None else place_of[source.operation]
    deletes = source.deletes
    key_of = _key_reader(source, place_of)
    as_delete = _delete_decoder(source)
    look_closer = closer_look(source)
    no_names: Set[str] = frozenset()

    def check(raw: bytes, *, odd: bool = True) -> Checked:
        undeclared: Set[str] = no_names
        struct: msgspec.Struct | None
        try:
            struct = decode(raw)
        except NOT_DECODED:
            struct = as_delete(raw)
        # A colon after a quote ends a key, or stands in a string. As many of them as there are declared fields, and no
        # blank before any colon, means: no undeclared field, none within another, and none twice.
        if (
            struct is None
            or always_closer
            or (odd and (may_be_odd(raw) or b"\n" in raw))
            or raw.count(b'":') != width - (values := astuple(struct)).count(UNSET)
        ):
            values, canonical, undeclared = look_closer(raw)
        else:
            canonical = encode(struct)

        is_delete = operation is not None and values[operation] in deletes
        if unseen and not is_delete:
            for name, place in unseen:
                if values[place] is UNSET:
                    raise Refusal("missing_field", f"{name} must be there")
        for place, holds, look in rules_of_deletes if is_delete else rules:
            value = values[place]
            if value is not None and value is not UNSET and not holds(value):
                look(value)
        event_us = None
        if event_at is not None:
            event_us = (values[event_at] - POSTGRES_EPOCH) // MICROSECOND
            if not EARLIEST_EVENT_US <= event_us <= LATEST_EVENT_US:
                raise Refusal("out_of_range", f"{source.event_at} is outside of the years 1 to 9999 in UTC")
        if undeclared:
            drift.update(undeclared)
        return key_of(values), event_us, is_delete, sha256(canonical).digest()

    return check


def _delete_decoder(source: Source) -> Callable[[bytes], msgspec.Struct | None]:
    """How to decode a delete, which needn't have all required fields; None says it is no delete, or not so simple."""
    record = record_type(source.fields_of_deletes)
    operation = None if source.operation is None else record.names.index(source.operation)

    def decode(raw: bytes) -> msgspec.Struct | None:
        if operation is None:
            return None
        try:
            struct = record.decode(raw)
        except NOT_DECODED:
            return None
        return struct if astuple(struct)[operation] in source.deletes else None

    return decode


def _rules(
    fields: tuple[Field, ...], place_of: dict[str, int]
) -> list[tuple[int, Callable[[Any], object], Callable[[Any], None]]]:
    found = [(place_of[field.name], rule_of(field)) for field in fields]
    return [(place, rule.holds, rule.look) for place, rule in found if rule is not None]


def _key_reader(source: Source, place_of: dict[str, int]) -> Callable[[tuple[Any, ...]], bytes]:
    """How to read a record's key as text: a single field's own, or the JSON array of several."""
    places = [place_of[name] for name in source.key]
    if len(places) == 1:
        place = places[0]
        if next(f.type for f in source.fields if f.name == source.key[0]) == "text":
            return lambda values: values[place].encode()
        return lambda values: str(values[place]).encode()
    return lambda values: msgspec.json.encode([str(values[place]) for place in places])
