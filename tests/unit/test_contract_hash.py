"""What a record's hash stands for: the record, not its formatting."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_contract import BASE, CHECK, CHECKS, PROPERTY, SOURCE, SOURCES, Number, anything, records, verdict

from atlas.landing.contract import compile_contract
from atlas.landing.refusal import Refusal


def digest(members: str) -> bytes:
    return CHECK(f"{{{BASE},{members}}}".encode())[3]


def escaped(value: Any) -> str:
    """JSON written as oddly as can be: texts in escapes, objects backwards, blanks everywhere."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        units = memoryview(value.encode("utf-16-le")).cast("H")
        return '"' + "".join(f"\\u{unit:04x}" for unit in units) + '"'
    if isinstance(value, list):
        return "[ " + " , ".join(map(escaped, value)) + "]"
    if isinstance(value, dict):
        return "{" + " ,\n".join(f"{escaped(n)}\t: {escaped(v)}" for n, v in reversed(value.items())) + "}"
    return json.dumps(value)


def numeric(value: Any) -> str:
    """JSON of a declared number, which is known by its text: escapes within are refused."""
    if isinstance(value, list):
        return f"[ {' ,'.join(map(numeric, value))}]"
    return str(value) if isinstance(value, Number) else json.dumps(value)


@PROPERTY
@given(st.data(), st.sampled_from(sorted(SOURCES)), st.randoms(use_true_random=False))
def test_hash_knows_no_formatting(data: st.DataObject, name: str, chance: Any) -> None:
    """The same record in another order, with blanks and escapes, is the same change."""
    raw = data.draw(records(name))
    found = verdict(raw, name)
    if found is None:
        return
    members = list(json.loads(raw, parse_float=Number, parse_int=Number).items())
    chance.shuffle(members)
    numbers = {f.name for f in SOURCE.fields if f.type.removesuffix("[]") == "numeric"}
    parts = [f"{escaped(n)} :\r\n{numeric(v) if n in numbers else escaped(v)}" for n, v in members]
    assert CHECKS[name](f" {{{' , '.join(parts)} }}\r".encode()) == found


@PROPERTY
@given(anything, anything)
def test_hash_differs_where_a_value_differs(one: str, other: str) -> None:
    def loaded(value: str) -> Any:
        return json.loads(value, parse_float=Decimal, parse_int=Decimal)

    for name in ("extra", "undeclared"):
        try:
            hashes = [digest(f'"{name}": {value}') for value in (one, other)]
        except Refusal:
            return
        if loaded(one) != loaded(other):
            assert hashes[0] != hashes[1]


@pytest.mark.parametrize("name", ["total2", "amount", "scores", "extra"])
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.1", "0.10000000000000000001", False),
        ("9007199254740993", "9007199254740992", False),
        ("1e2", "100", False),
        ("1", "1.0", False),
        ("1.5", "1.50", False),
        ("1", '"1"', False),
        ("1.5", "1.5", True),
    ],
)
def test_numbers_are_what_is_written(name: str, one: str, other: str, same: bool) -> None:
    """No digit is lost to a float; and what is written otherwise is another fact, though the number be the same."""
    compiled = compile_contract(replace(SOURCE, fields=tuple(replace(f, maximum=None) for f in SOURCE.fields))).check

    def hashed(value: str) -> bytes:
        member = f"[{value}]" if name == "scores" else value
        return compiled(f'{{{BASE}, "{name}": {member}}}'.encode())[3]

    assert (hashed(one) == hashed(other)) is same


def test_writing_that_makes_no_difference() -> None:
    """Of what has a type, its value counts: the letters of a UUID, and of a time's T and Z."""
    assert digest('"token":"AAAAAAAA-bbbb-cccc-dddd-000000000000"') == digest(
        '"token":"aaaaaaaabbbbccccdddd000000000000"'
    )
    lower = BASE.replace("T00", "t00").replace("00Z", "00z")
    assert CHECK(f"{{{lower}}}".encode()) == CHECK(f"{{{BASE}}}".encode())
    assert digest('"undeclared": 1e2') == digest('"undeclared": 1E+2')


def test_null_is_not_nothing() -> None:
    assert digest('"size": null') != digest('"code": null') != CHECK(f"{{{BASE}}}".encode())[3]
