"""A source's contract, compiled: one call per record, which returns what is to be stored or says what is wrong.

Records of every format come here as JSON, so that one set of rules decides. The common record (all fields declared, no
nested object, nothing odd in its text) is decided by msgspec in C; the rest takes a second, slower look.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, Protocol, Required, TypedDict
from uuid import UUID

import msgspec

from atlas.sources import BIGINT_MAX, BIGINT_MIN

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from atlas.sources import Field, Source

# Postgres holds more digits than anyone needs and refuses the rest in the middle of a COPY; this is well inside.
LONGEST_NUMBER = 400
LARGEST_EXPONENT = 1000
# Postgres counts microseconds from here in its binary format.
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST_EVENT_US = (datetime.min.replace(tzinfo=UTC) - POSTGRES_EPOCH) // MICROSECOND
LATEST_EVENT_US = (datetime.max.replace(tzinfo=UTC) - POSTGRES_EPOCH) // MICROSECOND

USUAL_NUMBER = re.compile(rb"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
NUMBER = re.compile(rb'(?P<quote>"?)-?[0-9]+(?:\.[0-9]+)?(?:[eE](?P<exponent>[+-]?[0-9]+))?(?P=quote)')
# Postgres reads no time with more than about 125 digits of a second, which RFC 3339 and msgspec do.
LONG_FRACTION = re.compile(r"\.[0-9]{120}")
# A blank other than a space before a colon, the escape of U+0000 (which may be an escaped backslash and zeros), or
# what may be a LONG_FRACTION.
ODD = re.compile(rb"[\t\r\n]:|\\u0000|\.[0-9]{120}")
ODD_BYTES = (b"\t", b"\r", b"\\")
# So many digits, each the twelfth from the last, lie in any 120 that stand together.
EVERY, TOGETHER = 12, b"1" * 10
DIGITS = bytes(b"01"[chr(byte) in "0123456789"] for byte in range(256))
DEEPEST_NESTING = 100
HALF_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")


class Refusal(Exception):
    """A record is refused.

    Attributes:
        reason: code, lower case with underscores, for counting.
        detail: what is wrong, in words and without the record's values, which may be personal.
        key: the record's key, as far as it could be read.
    """

    def __init__(self, reason: str, detail: str, key: str | None = None) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.key = key


# A record that holds the contract, ready to be stored: its key as text; the time of its event in microseconds since
# 2000-01-01 UTC, None for snapshots; whether it is a delete; the SHA-256 of the record in canonical JSON (fields
# sorted, no blanks), by which the same change is known again.
Checked = tuple[bytes, int | None, bool, bytes]


class Check(Protocol):
    """See ``Contract.check``."""

    def __call__(self, raw: bytes, *, odd: bool = True) -> Checked:
        """Check one record."""


def may_be_odd(block: bytes) -> bool:
    """Whether a record within ``block`` may hold what ``ODD`` looks for; much cheaper for many records at once."""
    return any(byte in block for byte in ODD_BYTES) or TOGETHER in block[::EVERY].translate(DIGITS)


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


# The decoders ------------------------------------------------------------------------------------------------------


def _python_type(declared: Field) -> Any:
    """The type by which msgspec checks a field, null and absence apart."""
    if declared.accepted_values is not None:
        return Literal[declared.accepted_values]
    scalar = declared.type.removesuffix("[]")
    lowest, highest = declared.limits if declared.type == "integer" else (None, None)
    types: dict[str, Any] = {
        "text": str,
        "integer": Annotated[
            int,
            msgspec.Meta(ge=BIGINT_MIN if lowest is None else lowest, le=BIGINT_MAX if highest is None else highest),
        ],
        # Kept as the text it is: a float would lose digits. NUMBER looks at it.
        "numeric": msgspec.Raw,
        "boolean": bool,
        "date": date,
        "timestamptz": Annotated[datetime, msgspec.Meta(tz=True)],
        "uuid": UUID,
        "json": msgspec.Raw,
    }
    if declared.pattern is not None:
        return Annotated[str, msgspec.Meta(pattern=declared.pattern)]
    found = types[scalar]
    return list[found] if declared.type.endswith("[]") else found  # type: ignore[valid-type]


def _decoder(source: Source, needed: frozenset[str]) -> Callable[[bytes], dict[str, Any]]:
    """How to decode a record, checking the types of its declared fields, of which ``needed`` must be there."""
    annotations: dict[str, Any] = {}
    for declared in source.fields:
        found = _python_type(declared)
        if found is msgspec.Raw:
            # Raw takes null as it takes everything, and can't be one of several types; and of a required field msgspec
            # 0.22 takes nothing as Raw. Whether it must be there is left to the rules.
            annotations[declared.name] = NotRequired[found]
        elif declared.name in needed:
            annotations[declared.name] = Required[found]
        else:
            annotations[declared.name] = NotRequired[found | None]
    all_ascii = all(map(str.isascii, annotations))
    # msgspec 0.22 doesn't find fields by names that aren't ASCII: those go by another name while it looks.
    aliases = {name: name if all_ascii else name.encode("unicode_escape").decode() for name in annotations}
    # The functional form takes any text as a field's name.
    record_type = TypedDict("Record", {aliases[name]: found for name, found in annotations.items()})  # type: ignore[misc]
    decoder: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(record_type)
    return decoder.decode if all_ascii else _by_aliases(decoder, aliases)


def _by_aliases(
    decoder: msgspec.json.Decoder[dict[str, Any]], aliases: dict[str, str]
) -> Callable[[bytes], dict[str, Any]]:
    """Decode with the fields named otherwise in between, where the decoder can't take their names."""
    names = {alias: name for name, alias in aliases.items()}
    any_alias = re.compile("|".join(re.escape(alias) for alias in sorted(names, key=len, reverse=True)))

    def decode(raw: bytes) -> dict[str, Any]:
        members = _members.decode(raw)
        renamed = {aliases[name]: value for name, value in members.items() if name in aliases}
        try:
            return {names[alias]: value for alias, value in decoder.decode(msgspec.json.encode(renamed)).items()}
        except msgspec.ValidationError as error:
            complaint = any_alias.sub(lambda alias: names[alias[0]], str(error))
            raise msgspec.ValidationError(complaint) from error

    return decode


_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


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


# The rules that msgspec doesn't have -------------------------------------------------------------------------------


def _number_rule(declared: Field) -> Callable[[msgspec.Raw], None]:
    lowest, highest = declared.limits
    name = declared.name
    null_allowed = not declared.required and declared.type == "numeric"
    usual = USUAL_NUMBER.fullmatch
    # Rounding keeps the order: what is strictly inside as a float is inside. What isn't is looked at exactly.
    above = -math.inf if lowest is None else float(lowest)
    below = math.inf if highest is None else float(highest)

    def check(raw: msgspec.Raw) -> None:
        text = bytes(raw)
        if usual(text) and above < float(text) < below:
            return
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

    return check


def _time_rule(declared: Field) -> Callable[[Any], None] | None:
    lowest, highest = declared.limits
    if lowest is None and highest is None:
        return None
    name = declared.name

    def check(value: Any) -> None:
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            raise Refusal("out_of_range", f"{name} is {_out_of_range(lowest, highest)}")

    return check


def _out_of_range(lowest: Any, highest: Any) -> str:
    first, last = (limit.isoformat() if isinstance(limit, date) else limit for limit in (lowest, highest))
    if highest is None:
        return f"below {first}"
    if lowest is None:
        return f"above {last}"
    return f"outside of {first} to {last}"


def _rules(source: Source) -> list[tuple[str, Callable[[Any], None]]]:
    """Checks of single values that are there and not null, unless the null is raw."""
    rules: list[tuple[str, Callable[[Any], None]]] = []
    for declared in source.fields:
        if declared.type == "numeric":
            rules.append((declared.name, _number_rule(declared)))
        elif declared.type == "numeric[]":
            rules.append((declared.name, _each(_number_rule(declared))))
        elif declared.type in ("date", "timestamptz") and (rule := _time_rule(declared)) is not None:
            rules.append((declared.name, rule))
        elif declared.type == "json" and declared.required:
            rules.append((declared.name, _not_null(declared.name)))
    return rules


def _left_to_the_rules(source: Source) -> frozenset[str]:
    """Required fields whose absence the decoder doesn't see."""
    return frozenset(f.name for f in source.fields if f.required and _python_type(f) is msgspec.Raw)


def _each(rule: Callable[[Any], None]) -> Callable[[list[Any]], None]:
    def check(values: list[Any]) -> None:
        for value in values:
            rule(value)

    return check


def _is_raw_null(value: Any) -> bool:
    return isinstance(value, msgspec.Raw) and bytes(value) == b"null"


def _not_null(name: str) -> Callable[[msgspec.Raw], None]:
    def check(raw: msgspec.Raw) -> None:
        if _is_raw_null(raw):
            raise Refusal("missing_field", f"{name} must be there, and is null")

    return check


# The check ---------------------------------------------------------------------------------------------------------


def _checker(source: Source, drift: Counter[str]) -> Check:
    decode = _decoder(source, frozenset(f.name for f in source.fields if f.required))
    rules = _rules(source)
    must_be_there = _left_to_the_rules(source)
    has_json = any(f.type.removesuffix("[]") == "json" for f in source.fields)
    event_field, operation_field, deletes = source.event_at, source.operation, source.deletes
    key_of = _key_reader(source)
    encode, sha256 = _canonical.encode, hashlib.sha256
    no_names: Set[str] = frozenset()

    def check(raw: bytes, *, odd: bool = True) -> Checked:
        try:
            record = decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return finish(*look_closer(raw, error))
        # A colon after a quote ends a key, or stands in a string. As many of them as there are declared fields, and
        # no blank before any colon, means: no undeclared field, none within another, and none twice.
        if has_json or raw.count(b'":') != len(record) or raw.rfind(b" :") >= 0 or (odd and ODD.search(raw)):
            return finish(*look_closer(raw, None))
        return finish(record, record, no_names)

    look_closer = _closer_look(source, decode)

    def finish(record: dict[str, Any], whole: dict[str, Any], undeclared: Set[str]) -> Checked:
        is_delete = operation_field is not None and record[operation_field] in deletes
        for name, rule in rules:
            value = record.get(name)
            if value is None:
                if name in must_be_there and not is_delete:
                    raise Refusal("missing_field", f"{name} must be there")
            # A delete needn't know the field, and may say so by null.
            elif not (is_delete and _is_raw_null(value)):
                rule(value)
        event_us = None
        if event_field is not None:
            event_us = (record[event_field] - POSTGRES_EPOCH) // MICROSECOND
            if not EARLIEST_EVENT_US <= event_us <= LATEST_EVENT_US:
                raise Refusal("out_of_range", f"{event_field} is outside of the years 1 to 9999 in UTC")
        if undeclared:
            drift.update(undeclared)
        return (
            key_of(record),
            event_us,
            is_delete,
            sha256(encode(whole)).digest(),
        )

    return check


def _closer_look(
    source: Source, decode: Callable[[bytes], dict[str, Any]]
) -> Callable[[bytes, Exception | None], tuple[dict[str, Any], dict[str, Any], Set[str]]]:
    """The second look: finds what msgspec's typed decoder passes over, and words for what it refuses.

    Returns a function from a record and the decoder's complaint, if any, to the declared fields, the whole record by
    which it is hashed, and the names of its undeclared fields.
    """
    always = {name for name in (*source.key, source.event_at, source.operation) if name is not None}
    decode_delete = _decoder(source, frozenset(always))
    declared = {f.name for f in source.fields}
    json_fields = {f.name for f in source.fields if f.type.removesuffix("[]") == "json"}
    time_fields = [f.name for f in source.fields if f.type.removesuffix("[]") == "timestamptz"]

    def look(raw: bytes, error: Exception | None) -> tuple[dict[str, Any], dict[str, Any], Set[str]]:
        anything = _decode_anything(raw)
        try:
            # A delete says which and when; few systems know the other fields of what they have deleted.
            operation = None if source.operation is None else anything.get(source.operation)
            if isinstance(operation, str) and operation in source.deletes:
                record = decode_delete(raw)
            elif error is not None:
                raise error
            else:
                record = decode(raw)
        except msgspec.MsgspecError as complaint:
            raise _refusal(str(complaint)) from complaint
        for name in time_fields:
            written = anything.get(name)
            texts = written if isinstance(written, list) else [written]
            if any(text is not None and LONG_FRACTION.search(text) for text in texts):
                raise Refusal("wrong_type", f"{name} has more digits of a second than are taken")
        unknown = anything.keys() - declared
        if unknown and source.refuse_unknown:
            raise Refusal("unknown_field", f"undeclared: {', '.join(sorted(unknown))}"[:500])
        whole = anything | {name: value for name, value in record.items() if name not in json_fields}
        return record, whole, unknown

    return look


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
        raise _refusal(str(error)) from error
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


MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
PLACE = re.compile(r" - at `\$\.?(?P<field>.*)`$")
# What msgspec's complaint contains → our code, and our words after the field's name. Its own can hold the value.
COMPLAINTS = (
    ("got `null`", "missing_field", " must be there, and is null"),
    ("timezone", "no_time_zone", " must say its time zone or offset"),
    ("Invalid enum value", "value_not_accepted", " is none of the accepted values"),
    ("matching regex", "pattern_not_matched", " doesn't match its pattern"),
    ("`int` <", "out_of_range", " is too large"),
    ("`int` >", "out_of_range", " is too small"),
)


def _refusal(complaint: str) -> Refusal:
    """The refusal that a complaint of msgspec's comes to."""
    if "number_overflow" in complaint or "Integer value out of range" in complaint:
        return Refusal("number_overflow", "a number has more digits or a larger exponent than is taken")
    if complaint.startswith("Input data was truncated"):
        return Refusal("truncated_json", "the record ends too early")
    if complaint.startswith("JSON is malformed"):
        return Refusal("malformed_json", complaint)
    missing = MISSING.search(complaint)
    if missing:
        return Refusal("missing_field", f"{missing['field']} must be there")
    place = PLACE.search(complaint)
    name = place["field"] if place else "the record"
    what = complaint[: place.start()] if place else complaint
    for sign, reason, words in COMPLAINTS:
        if sign in what:
            return Refusal(reason, f"{name}{words}")
    return Refusal("wrong_type", f"{name}: {what}")


def _key_reader(source: Source) -> Callable[[dict[str, Any]], bytes]:
    """How to read a record's key as text: a single field's own, or the JSON array of several."""
    names = source.key
    if len(names) == 1:
        name = names[0]
        if next(f.type for f in source.fields if f.name == name) == "text":
            return lambda record: record[name].encode()
        return lambda record: str(record[name]).encode()
    return lambda record: msgspec.json.encode([str(record[name]) for name in names])
