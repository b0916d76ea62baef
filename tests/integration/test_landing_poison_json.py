"""Bad lines of JSON: each is refused with its reason and its bytes, and the lines around it land."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from landing_support import (
    STATES,
    THINGS,
    emptied_settings,  # noqa: F401 - a fixture
    land,
    line,
    ndjson,
    payloads,
    quarantined,
    thing,
    with_fields,
    write,
)

from atlas.source_fields import Field

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.sources import Source

TIME = b'"at":"2024-01-01T00:02:00Z"'
SCORED = with_fields(
    Field("scores", "numeric[]"),
    Field("grade", "integer", accepted_values=(1, 2, 3)),
    Field("code", "text", pattern="^[A-Z]{2}$"),
    Field("rate", "numeric", minimum=0, maximum="0.5"),
    Field("count", "integer", minimum=-1, maximum=10),
    Field("seen_at", "timestamptz", minimum="2020-01-01T00:00:00Z"),
    Field("due_on", "date", maximum="2030-12-31"),
    Field("must", "numeric"),
)
PLAIN = replace(THINGS, entity="plain", fields=tuple(f for f in THINGS.fields if f.type != "json"))
MUST = with_fields(Field("must", "json", required=True), Field("total", "numeric", required=True))

# name → (reason, the record)
POISON: dict[str, tuple[str, bytes]] = {
    "truncated": ("truncated_json", line(2)[:-1]),
    "truncated_in_a_string": ("truncated_json", line(2)[:-5]),
    "truncated_in_an_undeclared_field": ("truncated_json", line(2, '"zz": [1, 2')[:-1]),
    "no_json": ("malformed_json", b"id=k2"),
    "trailing_comma": ("malformed_json", line(2, '"size": 1,')),
    "two_records_in_a_line": ("malformed_json", line(2) + line(3)),
    "single_quotes": ("malformed_json", line(2).replace(b'"', b"'")),
    "array": ("not_an_object", b"[" + line(2) + b"]"),
    "text": ("not_an_object", b'"k2"'),
    "number": ("not_an_object", b"2"),
    "null": ("not_an_object", b"null"),
    "empty_object": ("missing_field", b"{}"),
    "wrong_type_text": ("wrong_type", line(2, '"name": 5')),
    "wrong_type_integer": ("wrong_type", line(2, '"size": "5"')),
    "wrong_type_integer_with_fraction": ("wrong_type", line(2, '"size": 5.5')),
    "wrong_type_numeric": ("wrong_type", line(2, '"amount": "a lot"')),
    "wrong_type_numeric_boolean": ("wrong_type", line(2, '"amount": true')),
    "wrong_type_boolean": ("wrong_type", line(2, '"active": 1')),
    "wrong_type_date": ("wrong_type", line(2, '"born_on": "1990-02-30"')),
    "wrong_type_time": ("wrong_type", line(2).replace(b":00Z", b":61Z")),
    "wrong_type_uuid": ("wrong_type", line(2, '"token": "123"')),
    "wrong_type_array": ("wrong_type", line(2, '"tags": "a"')),
    "wrong_type_in_array": ("wrong_type", line(2, '"tags": ["a", 1]')),
    "null_in_array": ("missing_field", line(2, '"tags": ["a", null]')),
    "time_without_zone": ("no_time_zone", line(2).replace(b"00Z", b"00")),
    "time_with_a_thousand_digits": ("wrong_type", line(2).replace(b"00Z", b"00." + b"1" * 1000 + b"Z")),
    "time_before_the_years": ("out_of_range", b'{"id":"k","op":"upsert","at":"0001-01-01T00:00:00+01:00"}'),
    "missing_key": ("missing_field", b'{%s,"op":"upsert"}' % TIME),
    "null_key": ("missing_field", b'{"id":null,%s,"op":"upsert"}' % TIME),
    "missing_time": ("missing_field", b'{"id":"k2","op":"upsert"}'),
    "missing_operation": ("missing_field", b'{"id":"k2",%s}' % TIME),
    "operation_unknown": ("value_not_accepted", b'{"id":"k2",%s,"op":"purge"}' % TIME),
    "operation_is_an_array": ("wrong_type", b'{"id":"k2",%s,"op":["delete"]}' % TIME),
    "operation_is_an_object": ("wrong_type", b'{"id":"k2",%s,"op":{"delete":1}}' % TIME),
    "nul_byte": ("malformed_json", line(2).replace(b"k2", b"k\x002")),
    "nul_byte_between": ("malformed_json", line(2).replace(b": ", b":\x00 ")),
    "nul_byte_alone": ("malformed_json", b"\x00"),
    "nul_escape_in_key": ("nul_character", line(2).replace(b"k2", rb"k\u0000")),
    "nul_escape_declared": ("nul_character", line(2, r'"name": "\u0000"')),
    "nul_escape_undeclared": ("nul_character", line(2, r'"zz": {"a": ["\u0000"]}')),
    "nul_escape_in_json": ("nul_character", line(2, r'"extra": {"a\u0000": 1}')),
    "nul_escape_in_a_name": ("nul_character", line(2, r'"\u0000": 1')),
    "nul_escape_after_a_backslash": ("nul_character", line(2, r'"name": "\\\u0000"')),
    "invalid_utf8_declared": ("invalid_encoding", line(2, '"name": "X"').replace(b"X", b"\xff")),
    "invalid_utf8_undeclared": ("invalid_encoding", line(2, '"zz": "X"').replace(b"X", b"\xc3\x28")),
    "invalid_utf8_in_a_name": ("invalid_encoding", line(2, '"X": 1').replace(b"X", b"\xf0\x9f")),
    "invalid_utf8_key": ("invalid_encoding", line(2).replace(b"k2", b"\xa0")),
    "invalid_utf8_overlong": ("invalid_encoding", line(2, '"zz": "X"').replace(b"X", b"\xc0\x80")),
    "invalid_utf8_surrogate": ("invalid_encoding", line(2, '"zz": "X"').replace(b"X", b"\xed\xa0\x80")),
    "lone_high_surrogate": ("malformed_json", line(2, r'"name": "\ud800 "')),
    "lone_low_surrogate": ("malformed_json", line(2, r'"zz": "\udc00 "')),
    "lone_surrogate_in_json": ("malformed_json", line(2, r'"extra": ["\udbffx"]')),
    "bigint_overflow": ("out_of_range", line(2, '"size": 9223372036854775808')),
    "bigint_underflow": ("out_of_range", line(2, '"size": -9223372036854775809')),
    "integer_of_5000_digits": ("number_overflow", line(2, f'"size": {"9" * 5000}')),
    "integer_of_5000_digits_undeclared": ("number_overflow", line(2, f'"zz": {"9" * 5000}')),
    "numeric_of_5000_digits": ("number_overflow", line(2, f'"amount": {"9" * 5000}')),
    "numeric_of_5000_decimals": ("number_overflow", line(2, f'"amount": 0.{"1" * 5000}')),
    "numeric_text_of_5000_digits": ("number_overflow", line(2, f'"amount": "{"9" * 5000}"')),
    "huge_exponent": ("number_overflow", line(2, '"amount": 1e99999')),
    "huge_negative_exponent": ("number_overflow", line(2, '"amount": 1e-99999')),
    "exponent_of_50_digits": ("number_overflow", line(2, f'"amount": 1e{"9" * 50}')),
    "huge_exponent_undeclared": ("number_overflow", line(2, '"zz": [1e99999]')),
    "exponent_of_50_digits_undeclared": ("number_overflow", line(2, f'"zz": 1e{"9" * 50}')),
    "huge_exponent_in_json": ("number_overflow", line(2, '"extra": 1e-140000')),
    "decimals_undeclared": ("number_overflow", line(2, f'"zz": 0.{"1" * 20000}')),
    "nan": ("malformed_json", line(2, '"amount": NaN')),
    "infinity": ("malformed_json", line(2, '"amount": Infinity')),
    "negative_infinity": ("malformed_json", line(2, '"zz": -Infinity')),
    "nan_as_text": ("wrong_type", line(2, '"amount": "NaN"')),
    "number_with_leading_zero": ("malformed_json", line(2, '"amount": 01')),
    "number_in_hexadecimal": ("malformed_json", line(2, '"zz": 0x10')),
    "duplicate_key": ("duplicate_key", line(2, '"id": "k2"')),
    "duplicate_key_undeclared": ("duplicate_key", line(2, '"zz": 1, "zz": 1')),
    "duplicate_key_with_a_blank": ("duplicate_key", line(2, '"id" : "k3"')),
    "duplicate_key_with_a_tab": ("duplicate_key", line(2, '"id"\t: "k3"')),
    "duplicate_key_escaped": ("duplicate_key", line(2, r'"\u0069d": "k3"')),
    "duplicate_key_escaped_undeclared": ("duplicate_key", line(2, r'"zz": 1, "\u007az" : 1')),
    "duplicate_key_nested": ("duplicate_key", line(2, '"zz": [{"a": 1, "a": 2}]')),
    "duplicate_key_in_json": ("duplicate_key", line(2, '"extra": {"a": {"b": 1, "b" :1}}')),
    "duplicate_key_hidden_by_text": ("duplicate_key", line(2, r'"name": "\":", "name" : "x"')),
    "deep_nesting": ("nested_too_deep", line(2, '"zz": ' + "[" * 100 + "]" * 100)),
    "deep_nesting_of_objects": ("nested_too_deep", line(2, '"extra": ' + '{"a":' * 150 + "1" + "}" * 150)),
    "bottomless_nesting": ("nested_too_deep", line(2, '"zz": ' + "[" * 100_000 + "]" * 100_000)),
    "byte_order_mark_within": ("malformed_json", b"\xef\xbb\xbf" + line(2)),
    "too_long": ("record_too_large", line(2, f'"name": "{"x" * 1_000_000}"')),
    "unpaired_escape": ("malformed_json", line(2, r'"name": "\x"')),
    "raw_tab_in_text": ("malformed_json", line(2, '"name": "a\tb"')),
}
RULES: dict[str, tuple[str, bytes]] = {
    "pattern": ("pattern_not_matched", line(2, '"code": "ABC"')),
    "accepted_number": ("value_not_accepted", line(2, '"grade": 4')),
    "numeric_above": ("out_of_range", line(2, '"rate": 0.50000000000000000000001')),
    "numeric_below": ("out_of_range", line(2, '"rate": "-1e-9"')),
    "integer_above": ("out_of_range", line(2, '"count": 11')),
    "integer_below": ("out_of_range", line(2, '"count": -2')),
    "time_before": ("out_of_range", line(2, '"seen_at": "2020-01-01T00:00:00+00:01"')),
    "date_after": ("out_of_range", line(2, '"due_on": "2031-01-01"')),
    "numeric_in_array": ("wrong_type", line(2, '"scores": [1, "x"]')),
    "overflow_in_array": ("number_overflow", line(2, '"scores": [1, 1e4000]')),
}
FINE: dict[str, bytes] = {
    "escaped_backslash_and_zeros": line(2, r'"name": "\\u0000"'),
    "escaped_backslash_undeclared": line(2, r'"zz": "a\\u0000"'),
    "surrogate_pair": line(2, r'"name": "\ud83d\ude00"'),
    "all_null": line(2, '"name": null, "size": null, "amount": null, "extra": null, "tags": null, "token": null'),
    "largest_integers": line(2, '"size": 9223372036854775807, "zz": -9223372036854775808'),
    "numbers_of_many_digits": line(2, f'"amount": {"9" * 399}, "zz": 0.{"1" * 390}'),
    "exponents": line(2, '"amount": 1e1000, "zz": 1E-1000'),
    "text_that_looks_like_keys": line(2, r'"name": "\"id\": 1, \"id\" : 2"'),
    "blanks_everywhere": b'\t{ "id" : "k2" ,\t"at" : "2024-01-01T00:02:00Z"\r, "op" : "upsert" } ',
    "names_escaped": line(2).replace(b'"id"', rb'"\u0069\u0064"'),
    "nesting": line(2, '"zz": ' + "[" * 99 + "]" * 99),
    "long_name": line(2, f'"{"ä" * 5000}": 1'),
    "name_with_quotes": line(2, r'"a\"; drop table x; --": 1, "": 2'),
    "offset_of_a_day": line(2, '"zz": 1').replace(b"00Z", b"00+23:59"),
    "carriage_return": line(2) + b"\r",
}


def check_refused(connection: psycopg.Connection, source: Source, tmp_path: Path, reason: str, bad: bytes) -> None:
    path = write(tmp_path / "x.ndjson", line(1) + b"\n" + bad + b"\n" + line(3) + b"\n")
    receipt = land(connection, source, path)
    assert (receipt.outcome, receipt.accepted, receipt.reasons) == ("landed", 2, {reason: 1})
    assert [p["id"] for p in payloads(connection, source, receipt.batch_id)] == ["k1", "k3"]
    found = quarantined(connection, receipt)
    assert [(number, why, raw) for number, why, _, raw in found] == [(2, reason, bad)]
    assert "k2" not in found[0][2], "the detail tells a value, which may be personal"
    assert not receipt.failed


@pytest.mark.parametrize("name", POISON)
def test_record_is_refused_and_the_rest_lands(connection: psycopg.Connection, tmp_path: Path, name: str) -> None:
    """Also where no document is declared, and the decoder decides on most records alone."""
    for source in (THINGS, PLAIN):
        check_refused(connection, source, tmp_path, *POISON[name])


@pytest.mark.parametrize("name", RULES)
def test_rule_is_broken(connection: psycopg.Connection, tmp_path: Path, name: str) -> None:
    check_refused(connection, SCORED, tmp_path, *RULES[name])


@pytest.mark.parametrize("name", FINE)
def test_record_is_odd_but_fine(connection: psycopg.Connection, tmp_path: Path, name: str) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", line(1) + b"\n" + FINE[name]))
    assert (receipt.accepted, receipt.quarantined) == (2, 0)
    kept = payloads(connection, THINGS, receipt.batch_id)[1]
    assert kept.keys() == json.loads(FINE[name]).keys()
    assert {k: v for k, v in kept.items() if isinstance(v, str)} == {
        k: v for k, v in json.loads(FINE[name]).items() if isinstance(v, str)
    }


@pytest.mark.parametrize(
    ("content", "accepted", "lines"),
    [
        (line(1) + b"\n" + line(2), 2, [1, 2]),
        (line(1) + b"\n\n \t\r\n" + line(2) + b"\n\n", 2, [1, 4]),
        (line(1) + b"\r\n" + line(2) + b"\r\n", 2, [1, 2]),
        (b"\xef\xbb\xbf" + line(1) + b"\n", 1, [1]),
        (b"\xef\xbb\xbf\r\n" + line(1), 1, [2]),
        (b"\n\n", 0, []),
    ],
    ids=["no_last_newline", "blank_lines", "crlf", "byte_order_mark", "mark_and_blank_line", "only_blank_lines"],
)
def test_ends_and_marks(
    connection: psycopg.Connection, tmp_path: Path, content: bytes, accepted: int, lines: list[int]
) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", content))
    assert (receipt.outcome, receipt.read, receipt.accepted) == ("landed", accepted, accepted)
    found = connection.execute("select line from explore.raw_test__things order by line").fetchall()
    assert [row[0] for row in found] == lines


def test_records_across_blocks(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Records longer than the blocks that are read, and bad ones between, keep their numbers."""
    lines = [line(n, f'"name": "{"x" * (n * 70_000 % 400_000)}"') if n % 3 else b"{" for n in range(1, 30)]
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", b"\n".join(lines)))
    assert (receipt.accepted, receipt.quarantined) == (20, 9)
    assert [number for number, *_ in quarantined(connection, receipt)] == list(range(3, 30, 3))


def test_empty_file_is_refused(connection: psycopg.Connection, tmp_path: Path) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", b""))
    assert (receipt.outcome, receipt.refusal) == ("refused", "empty_file: it holds no bytes")
    assert receipt.failed


def test_nothing_but_poison_fails(connection: psycopg.Connection, tmp_path: Path) -> None:
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", b"{\n[]\n"))
    assert (receipt.outcome, receipt.accepted, receipt.failed) == ("landed", 0, True)


def test_unknown_fields_are_kept_and_counted(connection: psycopg.Connection, tmp_path: Path) -> None:
    content = ndjson([thing(1, new=1, naïve={"new": 2}), thing(2, new=None), thing(3), thing(3, new=3, size="x")])
    receipt = land(connection, THINGS, write(tmp_path / "x.ndjson", content))
    assert receipt.drift == {"new": 2, "naïve": 1}
    assert payloads(connection, THINGS, receipt.batch_id)[0] == thing(1, new=1, naïve={"new": 2})


def test_unknown_fields_are_refused(connection: psycopg.Connection, tmp_path: Path) -> None:
    strict = replace(THINGS, refuse_unknown=True)
    content = ndjson([thing(1, new=1), thing(2)])
    receipt = land(connection, strict, write(tmp_path / "x.ndjson", content))
    assert (receipt.accepted, receipt.reasons, receipt.drift) == (1, {"unknown_field": 1}, {})
    assert quarantined(connection, receipt)[0][2] == "undeclared: new"


def test_required_fields_that_are_kept_raw(connection: psycopg.Connection, tmp_path: Path) -> None:
    """Of a required number or document, null is as missing as nothing at all."""
    good = '"must": {}, "total": 1'
    extras = [good, '"must": null, "total": 1', '"total": 1', '"must": 0, "total": null', '"must": 0']
    content = b"\n".join(line(n, extra) for n, extra in enumerate(extras, start=1))
    receipt = land(connection, MUST, write(tmp_path / "x.ndjson", content))
    assert (receipt.accepted, receipt.reasons) == (1, {"missing_field": 4})


def test_snapshots_know_no_time_of_their_own(connection: psycopg.Connection, tmp_path: Path) -> None:
    receipt = land(connection, STATES, write(tmp_path / "x.ndjson", b'{"id":"a"}\n{"id":null}\n{"name":"b"}'))
    assert (receipt.accepted, receipt.reasons) == (1, {"missing_field": 2})
