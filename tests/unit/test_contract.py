"""The contract's verdicts, against an oracle that knows nothing of how they are reached."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.landing.contract import Checked, compile_contract, may_be_odd
from atlas.landing.refusal import Refusal
from atlas.source_fields import Field
from atlas.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable

PROPERTY = settings(max_examples=400, deadline=None, derandomize=bool(os.environ.get("CI")))
SOURCE = Source(
    system="test",
    entity="things",
    system_description="",
    delivery="changes",
    key=("id",),
    event_at="at",
    operation="op",
    deletes=frozenset({"delete"}),
    refuse_unknown=False,
    max_record_bytes=1_000_000,
    fields=(
        Field("id", "text", required=True),
        Field("at", "timestamptz", required=True),
        Field("op", "text", required=True, accepted_values=("upsert", "delete")),
        Field("total", "numeric", required=True),
        Field("must", "json", required=True),
        Field("size", "integer", minimum=-5),
        Field("amount", "numeric", maximum="99.5"),
        Field("active", "boolean"),
        Field("born_on", "date"),
        Field("token", "uuid"),
        Field("code", "text", pattern="^[A-Z]{2}$"),
        Field("extra", "json"),
        Field("tags", "text[]"),
        Field("scores", "numeric[]"),
    ),
)
# Without documents, most records are decided by the decoder alone, and need no closer look.
PLAIN = replace(SOURCE, fields=tuple(f for f in SOURCE.fields if f.type != "json"))
SOURCES = {"with documents": SOURCE, "plain": PLAIN}
BASE = '"id":"a","at":"2024-01-01T00:00:00Z","op":"upsert","total":1,"must":{}'
CHECKS = {name: compile_contract(source).check for name, source in SOURCES.items()}
CHECK = CHECKS["with documents"]


def verdict(raw: bytes, name: str) -> Checked | None:
    """What the contract makes of a record; the hint that it isn't odd must not matter where it may be given."""
    found = checked(raw, name, odd=True)
    if not may_be_odd(raw) and b"\n" not in raw:
        assert str(checked(raw, name, odd=False)) == str(found)
    if isinstance(found, Refusal):
        assert re.fullmatch("[a-z][a-z_]*", found.reason), "explore.quarantine takes no other reasons"
        assert found.detail
        return None
    return found


def checked(raw: bytes, name: str, *, odd: bool) -> Checked | Refusal:
    try:
        return CHECKS[name](raw, odd=odd)
    except Refusal as refusal:
        return refusal


# The oracle --------------------------------------------------------------------------------------------------------

ZONE = r"([Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d)"
TIME = re.compile(rf"(?a)\d{{4}}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?{ZONE}")
NUMBER = re.compile(r"(?a)-?\d+(\.\d+)?([eE][+-]?\d+)?")


class Number(str):
    """A number of JSON, as it is written."""

    __slots__ = ()


def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def no_constant(_name: str) -> None:
    raise ValueError


def can_be_kept(value: Any, depth: int = 0) -> bool:
    """Whether Postgres can hold the value, within the limits that are written down."""
    if isinstance(value, Number):
        return len(value) <= 400 and abs(Decimal(value).adjusted()) <= 1000
    if isinstance(value, str):
        return "\0" not in value and not re.search("[\ud800-\udfff]", value)
    if isinstance(value, dict):
        return depth < 100 and all(can_be_kept(n) and can_be_kept(v, depth + 1) for n, v in value.items())
    return not isinstance(value, list) or (depth < 100 and all(can_be_kept(item, depth + 1) for item in value))


def fits_number(value: Any, lowest: object = None, highest: object = None) -> bool:
    return (
        isinstance(value, str)
        and NUMBER.fullmatch(value) is not None
        and len(value) <= 398
        and (lowest is None or Decimal(value) >= Decimal(str(lowest)))
        and (highest is None or Decimal(value) <= Decimal(str(highest)))
    )


def fits_moment(value: Any) -> bool:
    text = value if isinstance(value, str) and not isinstance(value, Number) else ""
    if not TIME.fullmatch(text) or re.search(r"\.\d{120}", text):
        return False
    try:
        # Python reads six digits of a second and no offset of 24 hours.
        moment = datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", text.upper()))
        moment.astimezone()
    except (ValueError, OverflowError):
        return False
    return True


def fits_text(value: Any, field: Field) -> bool:
    is_text = isinstance(value, str) and not isinstance(value, Number)
    accepted = field.accepted_values is None or value in field.accepted_values
    return is_text and accepted and re.search(field.pattern or "", value) is not None


def fits_integer(value: Any, field: Field) -> bool:
    whole = isinstance(value, Number) and re.fullmatch(r"(?a)-?\d+", value) is not None
    return whole and fits_number(value, max(field.minimum or -(2**63), -(2**63)), 2**63 - 1)


def fits_date(value: Any, _field: Field) -> bool:
    shape = isinstance(value, str) and re.fullmatch(r"(?a)\d{4}-\d\d-\d\d", value) is not None
    return shape and fits_moment(f"{value}T00:00:00Z")


def fits_uuid(value: Any, _field: Field) -> bool:
    shapes = "[0-9a-fA-F]{32}|" + "-".join(f"[0-9a-fA-F]{{{n}}}" for n in (8, 4, 4, 4, 12))
    is_text = isinstance(value, str) and not isinstance(value, Number)
    return is_text and re.fullmatch(shapes, value) is not None


FITS: dict[str, Callable[[Any, Field], bool]] = {
    "text": fits_text,
    "integer": fits_integer,
    "numeric": lambda value, field: fits_number(value, field.minimum, field.maximum),
    "boolean": lambda value, _: isinstance(value, bool),
    "timestamptz": lambda value, _: fits_moment(value),
    "date": fits_date,
    "uuid": fits_uuid,
    "json": lambda _value, _: True,
}


def fits(value: Any, field: Field) -> bool:
    if field.type.endswith("[]"):
        item = replace(field, type=field.type[:-2])
        return isinstance(value, list) and all(i is not None and fits(i, item) for i in value)
    return FITS[field.type](value, field)


def oracle(raw: bytes, name: str) -> bool:
    """Whether the contract should take a record, by the json module and the words of the documentation."""
    try:
        record = json.loads(
            raw.decode(),
            object_pairs_hook=no_duplicates,
            parse_constant=no_constant,
            parse_float=Number,
            parse_int=Number,
        )
    except (ValueError, RecursionError):
        return False
    if not isinstance(record, dict) or not can_be_kept(record):
        return False
    always = {"id", "at", "op"}
    is_delete = record.get("op") in ("delete",)
    for field in SOURCES[name].fields:
        value = record.get(field.name)
        if value is None:
            if field.name in always or (field.required and not is_delete):
                return False
        elif not fits(value, field):
            return False
    return True


# Records, and what may befall them -----------------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
number = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.integers(-9, 99).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-100, max_value=100).map(str),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?\Z"),
)
moment = st.one_of(
    st.datetimes().map(lambda m: m.isoformat() + "Z"),
    st.from_regex(r"\A20[0-9]{2}-(0[1-9]|1[0-9])-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
                  r"([Zz]|[+-][0-2][0-9]:?[0-9]{2})?\Z"),
)  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), text.map(json.dumps), number).map(
        lambda v: v if isinstance(v, str) else json.dumps(v)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]"),
        st.dictionaries(text, inner, max_size=3).map(
            lambda d: "{" + ", ".join(f"{json.dumps(n)}: {v}" for n, v in d.items()) + "}"
        ),
    ),
    max_leaves=6,
)
VALUES: dict[str, st.SearchStrategy[str]] = {
    "text": text.map(json.dumps),
    "integer": number,
    "numeric": st.one_of(number, number.map(json.dumps)),
    "boolean": st.sampled_from(["true", "false"]),
    "timestamptz": moment.map(json.dumps),
    "date": st.one_of(st.dates().map(str), st.from_regex(r"\A[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]\Z")).map(json.dumps),
    "uuid": st.uuids().flatmap(lambda u: st.sampled_from([str(u), u.hex, str(u).upper()])).map(json.dumps),
    "json": anything,
}
GOOD: dict[str, st.SearchStrategy[str]] = VALUES | {
    "integer": st.integers(-5, 2**63 - 1).map(str),
    "numeric": st.decimals(-99, 99, allow_nan=False, places=2).map(str),
    "timestamptz": st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).map(lambda m: f'"{m.isoformat()}Z"'),  # noqa: DTZ001
    "date": st.dates().map(lambda day: f'"{day}"'),
}
OWN = {"op": st.sampled_from(['"upsert"', '"upsert"', '"delete"']), "code": st.sampled_from(['"AB"', '"ABC"', '"é"'])}
MISHAPS = ("drop", "null", "other", "add", "repeat", "escape")


def value_of(field: Field, values: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    if field.type.endswith("[]"):
        return st.lists(values[field.type[:-2]], max_size=3).map(lambda items: f"[{', '.join(items)}]")
    return OWN.get(field.name, values[field.type])


@st.composite
def records(draw: st.DrawFn, name: str) -> bytes:
    """Good records, nearly good ones, and some with one thing or two done to them."""
    values = draw(st.sampled_from([GOOD, GOOD, VALUES]))
    fields = [field for field in SOURCES[name].fields if field.required or draw(st.booleans())]
    members = [(json.dumps(field.name), draw(value_of(field, values))) for field in fields]
    for mishap in draw(st.lists(st.sampled_from(MISHAPS), max_size=2)) if draw(st.booleans()) else ():
        place = draw(st.integers(0, len(members) - 1))
        key, value = members[place]
        if mishap == "drop" and len(members) > 1:
            del members[place]
        elif mishap == "null":
            members[place] = (key, "null")
        elif mishap == "other":
            members[place] = (key, draw(anything))
        elif mishap == "add":
            members.append((draw(text.map(json.dumps)), draw(anything)))
        elif mishap == "repeat":
            members.append((key, value))
        elif mishap == "escape":
            members[place] = (f'"\\u{ord(key[1]):04x}{key[2:]}', value)
    members = draw(st.permutations(members))
    # Mostly alike within a record: a blank before one colon is enough for a closer look at all of it.
    colons = st.sampled_from(draw(st.sampled_from([[":"], [":"], [": "], [":", ": ", " :", "\t:", "\r:"]])))
    raw = ("{" + ",".join(f"{key}{draw(colons)}{value}" for key, value in members) + "}").encode(
        "utf-8", "surrogatepass"
    )
    if draw(st.integers(0, 9)) == 0:
        place = draw(st.integers(0, len(raw) - 1))
        raw = raw[:place] + draw(st.binary(max_size=2)) + raw[place + draw(st.integers(0, 2)) :]
    return raw


@pytest.mark.parametrize("name", SOURCES)
def test_verdict_is_the_oracles(name: str) -> None:
    seen = {True: 0, False: 0}

    @PROPERTY
    @given(records(name))
    def check(raw: bytes) -> None:
        expected = oracle(raw, name)
        seen[expected] += 1
        assert (verdict(raw, name) is not None) == expected

    check()
    # A property over records that are all good, or all bad, would say little.
    assert min(seen.values()) > 0.15 * sum(seen.values())


@PROPERTY
@given(st.binary(max_size=60) | anything.map(str.encode), st.sampled_from(sorted(SOURCES)))
def test_any_bytes_get_a_verdict(raw: bytes, name: str) -> None:
    assert (verdict(raw, name) is not None) == oracle(raw, name)


PLAIN_BASE = BASE.replace(',"must":{}', "")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ('"size":1,"size":1', "duplicate_key"),
        # As many colons behind a quote as fields: the blank hides one of the two.
        ('"size" :1,"size":1', "duplicate_key"),
        ('"size"\t:1,"size":1', "duplicate_key"),
        ('"size"\r:1,"size":1', "duplicate_key"),
        ('"size"\n:1,"size":1', "duplicate_key"),
        ('"tags":["\\u0000"]', "nul_character"),
        ('"zz":{"a":1,"a":2}', "duplicate_key"),
        ('"zz":"\\u0000"', "nul_character"),
        ('"amount":0e1001', "number_overflow"),
        ('"amount":1e-1001', "number_overflow"),
        (f'"amount":0.{"1" * 400}', "number_overflow"),
        (f'"amount":{"9" * 400}', "out_of_range"),
        ('"amount":99.50000000000000000000000000001', "out_of_range"),
        ('"amount":"99.6"', "out_of_range"),
        ('"scores":[1,null]', "missing_field"),
        ('"code":"AB\\n\\n"', "pattern_not_matched"),
    ],
)
def test_what_the_quick_look_must_not_pass_over(members: str, reason: str) -> None:
    """Faults that decoding a record by its type doesn't find, in records that are good otherwise."""
    raw = f"{{{PLAIN_BASE},{members}}}".encode()
    assert verdict(raw, "plain") is None
    assert not oracle(raw, "plain")
    with pytest.raises(Refusal, match=f"^\\('{reason}'"):
        CHECKS["plain"](raw)


# Names and limits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["é", "ä\\", "\\xe9", 'q"', "\x7f", "名前 {}", "a b", "%s", "'"])
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("documents", [True, False])
def test_any_name_of_a_field_is_known(name: str, required: bool, documents: bool) -> None:
    """Also one that msgspec alone wouldn't find, and beside one that looks like its escape."""
    others = [Field(other, "text") for other in ("ö", "\\xf6") if other != name]
    fields = (*SOURCE.fields, *others, Field(name, "integer", required=required), Field(f"{name}n", "numeric"))
    fields = tuple(field for field in fields if field.type != "json" or documents)
    contract = compile_contract(replace(SOURCE, fields=fields))
    base = BASE if documents else PLAIN_BASE

    def check(members: dict[str, Any], **options: Any) -> Checked:
        return contract.check((f"{{{base}," + json.dumps(members, **options)[1:]).encode())

    good = {name: 1, f"{name}n": 1, "ö": "x"}
    assert check(good) == check(good, ensure_ascii=False) == check(good, separators=(" , ", " : "))
    assert contract.drift == {}
    for bad in ({name: 1.5}, {f"{name}n": "x"}, {"ö": 1}, {"\\xf6": 1}):
        with pytest.raises(Refusal) as refused:
            check(good | bad)
        assert refused.value.reason == "wrong_type"
        assert refused.value.detail.startswith(next(iter(bad)))
    if required:
        with pytest.raises(Refusal, match="missing_field"):
            check({"ö": "x"})


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (Field("x", "integer", minimum="low"), "min must be a whole number"),
        (Field("x", "integer", maximum=2**63), "max must be a whole number"),
        (Field("x", "integer", maximum=True), "max must be a whole number"),
        (Field("x", "numeric", minimum="low"), "min must be a number"),
        (Field("x", "numeric", maximum=False), "max must be a number"),
        (Field("x", "date", minimum="2024-13-01"), "min must be a date"),
        (Field("x", "timestamptz", maximum="2024-01-01T00:00:00"), "max must be a timestamptz"),
    ],
)
def test_limits_that_say_nothing(field: Field, message: str) -> None:
    with pytest.raises(UsageError, match=f"^Column x: {message}"):
        compile_contract(replace(SOURCE, fields=(*SOURCE.fields, field)))


@pytest.mark.parametrize(("digits", "taken"), [(9, True), (30, True), (119, True), (120, False), (5000, False)])
@pytest.mark.parametrize("before", range(12))
def test_digits_of_a_second(digits: int, taken: bool, before: int) -> None:
    """Wherever it stands in a block: what looks for it in many records at once looks at every twelfth byte."""
    members = BASE.replace("00Z", f"00.{'5' * digits}Z")
    padded = b" " * before + f'{{{members},"code":null}}'.encode()
    assert may_be_odd(padded) or taken
    for name in SOURCES:
        plain = padded.replace(b',"must":{}', b"")
        assert (verdict(padded if name != "plain" else plain, name) is not None) is taken
