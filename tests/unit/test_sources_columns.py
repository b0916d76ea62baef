"""Columns as their users declare them: types, rules and limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from test_sources_declared import column, declare, declare_tables, field_of, refused_column, table

from atlas.errors import UsageError
from atlas.landing.contract import compile_contract
from atlas.landing.refusal import Refusal
from atlas.source_fields import KNOWN_META
from atlas.sources import Source, load_sources


@pytest.mark.parametrize("data_type", ["[numeric]", "{a: b}", "5", "", "float", "TEXT", "'text[][]'", "2024-01-01"])
def test_a_type_that_is_none(tmp_path: Path, data_type: str) -> None:
    shown = repr(yaml.safe_load(data_type)) if data_type else "None"
    message = refused_column(tmp_path, column("{}", data_type))
    assert message.startswith("data_type must be one of text, integer, ")
    assert message.endswith(f"or one of these with [], not {shown}.")


@pytest.mark.parametrize(
    ("data_type", "rules", "message"),
    [
        ("text", "{required: 'yes'}", "required must be true or false, not 'yes'."),
        ("text", "{required: 1}", "required must be true or false, not 1."),
        ("text", "{required: }", "required must be true or false, not None."),
        ("text", "[required]", "'meta' must be a mapping, not ['required']."),
        ("text", "{minimum: 0}", f"meta doesn't know minimum, only {', '.join(KNOWN_META)}."),
        ("text", "{Required: true, 5: 6}", f"meta doesn't know 5, Required, only {', '.join(KNOWN_META)}."),
        ("text", "{accepted_values: []}", "accepted_values must be a list of texts; quote what YAML takes for"),
        ("text", "{accepted_values: a}", "accepted_values must be a list of texts; "),
        ("text", "{accepted_values: {a: b}}", "accepted_values must be a list of texts; "),
        ("text", "{accepted_values: [a, [b]]}", "accepted_values must be a list of texts; "),
        ("text", "{accepted_values: [yes, no]}", "accepted_values must be a list of texts; "),
        ("text", "{accepted_values: [a, 1]}", "accepted_values must be a list of texts; "),
        ("text", "{accepted_values: }", "accepted_values says nothing."),
        ("text", "{accepted_values: [a, b, a]}", "accepted_values names a value twice: ['a', 'b', 'a']."),
        (
            "text",
            "{accepted_values: [a], pattern: a}",
            "accepted_values leaves nothing for pattern, min or max",
        ),
        ("integer", "{accepted_values: [1, true]}", "accepted_values must be a list of whole numbers, not [1, True]."),
        ("integer", "{accepted_values: [1, '2']}", "accepted_values must be a list of whole numbers, not [1, '2']."),
        ("integer", "{accepted_values: [1, 1]}", "accepted_values names a value twice: [1, 1]."),
        ("integer", "{accepted_values: [0x8000000000000000]}", "accepted_values must have at most 64 bits, not "),
        ("integer", "{accepted_values: [1], min: 0}", "accepted_values leaves nothing for pattern, min or max"),
        ("boolean", "{accepted_values: [true]}", "accepted_values is for integer, text, not for boolean."),
        ("text", "{pattern: 5}", "pattern must be text, not 5."),
        ("text", "{pattern: [a]}", "pattern must be text, not ['a']."),
        ("text", "{pattern: }", "pattern says nothing."),
        ("text", "{pattern: '('}", "pattern '(' isn't a regular expression: missing )"),
        ("text", '{pattern: "a\\n("}', r"pattern 'a\n(' isn't a regular expression: "),
        ("text", "{pattern: 'a{99999999999999999999}'}", "pattern 'a{99999999999999999999}' isn't a regular expr"),
        ("'text[]'", "{pattern: a}", "pattern is for text, not for text[]."),
        ("text", "{min: a}", "min is for date, integer, numeric, timestamptz, not for text."),
        ("'integer[]'", "{max: 1}", "max is for date, integer, numeric, timestamptz, not for integer[]."),
    ],
)
def test_a_rule_that_says_the_wrong_thing(tmp_path: Path, data_type: str, rules: str, message: str) -> None:
    assert refused_column(tmp_path, column(rules, data_type)).startswith(message)


@pytest.mark.parametrize("config", ["[meta]", "meta", "5"])
def test_a_config_that_is_none(tmp_path: Path, config: str) -> None:
    declared = f"{{name: x, data_type: text, config: {config}}}"
    assert refused_column(tmp_path, declared).startswith("'config' must be a mapping, not ")


INTEGER = "must be a whole number of 64 bits, not "
NUMERIC = "must be a number, not "
DATE = "must be a date like 2024-01-31, not "
TIME = "must be a timestamptz with its zone, like 2024-01-31T12:00:00Z, not "


@pytest.mark.parametrize("rule", ["min", "max"])
@pytest.mark.parametrize(
    ("data_type", "limit", "message"),
    [
        ("integer", "low", f"{INTEGER}'low'."),
        ("integer", "'1'", f"{INTEGER}'1'."),
        ("integer", "1.0", f"{INTEGER}1.0."),
        ("integer", "true", f"{INTEGER}True."),
        ("integer", "[1]", f"{INTEGER}[1]."),
        ("integer", "9223372036854775808", f"{INTEGER}9223372036854775808."),
        ("integer", "-9223372036854775809", f"{INTEGER}-9223372036854775809."),
        ("integer", "0x" + "f" * 5000, f"{INTEGER}such a long int."),
        ("numeric", "low", f"{NUMERIC}'low'."),
        ("numeric", ".nan", f"{NUMERIC}nan."),
        ("numeric", "-.inf", f"{NUMERIC}-inf."),
        ("numeric", "'NaN'", f"{NUMERIC}'NaN'."),
        ("numeric", "'1_0'", f"{NUMERIC}'1_0'."),
        ("numeric", "' 1'", f"{NUMERIC}' 1'."),
        ("numeric", "'١'", f"{NUMERIC}'١'."),  # noqa: RUF001
        ("numeric", "'1e99999'", f"{NUMERIC}'1e99999'."),
        ("numeric", "no", f"{NUMERIC}False."),
        ("numeric", "{}", f"{NUMERIC}{{}}."),
        ("numeric", "2024-01-01", f"{NUMERIC}datetime.date(2024, 1, 1)."),
        ("numeric", "0x" + "f" * 5000, f"{NUMERIC}such a long int."),
        ("date", "'2024-13-01'", f"{DATE}'2024-13-01'."),
        ("date", "'20240101'", f"{DATE}'20240101'."),
        ("date", "'2024-W01-1'", f"{DATE}'2024-W01-1'."),
        ("date", "2024", f"{DATE}2024."),
        ("date", "2024-01-01T00:00:00Z", f"{DATE}datetime.datetime(2024, 1, 1, "),
        ("date", "[]", f"{DATE}[]."),
        ("timestamptz", "2024-01-01", f"{TIME}datetime.date(2024, 1, 1)."),
        ("timestamptz", "'2024-01-01'", f"{TIME}'2024-01-01'."),
        ("timestamptz", "2024-01-01 00:00:00", f"{TIME}datetime.datetime(2024, 1, 1, 0, 0)."),
        ("timestamptz", "'2024-01-01T00:00:00'", f"{TIME}'2024-01-01T00:00:00'."),
        ("timestamptz", "'2024-01-01T24:30:00Z'", f"{TIME}'2024-01-01T24:30:00Z'."),
        ("timestamptz", "'0001-01-01T00:00:00+01:00'", f"{TIME}'0001-01-01T00:00:00+01:00'."),
        ("timestamptz", "1700000000", f"{TIME}1700000000."),
    ],
)
def test_a_limit_that_says_nothing(tmp_path: Path, rule: str, data_type: str, limit: str, message: str) -> None:
    found = refused_column(tmp_path, column(f"{{{rule}: {limit}}}", data_type))
    assert found.startswith(f"{rule} {message}")


def test_a_limit_that_is_empty(tmp_path: Path) -> None:
    assert refused_column(tmp_path, column("{min: }", "integer")) == "min says nothing."


@pytest.mark.parametrize(
    ("data_type", "low", "high", "message"),
    [
        ("integer", "1", "2", "min 2 is above max 1."),
        (
            "numeric",
            "1.5",
            "'1.5000000000000000000001'",
            "min 1.5000000000000000000001 is above max 1.5.",
        ),
        ("date", "2024-01-01", "'2024-01-02'", "min 2024-01-02 is above max 2024-01-01."),
        (
            "timestamptz",
            "2024-01-01T00:00:00+02:00",
            "'2023-12-31T23:00:00Z'",
            "min 2023-12-31 23:00:00+00:00 is above max 2023-12-31 22:00:00+00:00.",
        ),
    ],
)
def test_limits_in_the_wrong_order(tmp_path: Path, data_type: str, low: str, high: str, message: str) -> None:
    for right in (f"{{min: {low}, max: {high}}}", f"{{min: {low}, max: {low}}}"):
        declared = field_of(tmp_path, column(right, data_type))
        assert declared.limits == (declared.minimum, declared.maximum)
    assert refused_column(tmp_path, column(f"{{min: {high}, max: {low}}}", data_type)) == message


@pytest.mark.parametrize(
    ("name", "shown"),
    [("größe", "größe"), ("a b", "a b"), ("ORDER", "ORDER"), ("a\nb", r"'a\nb'"), ("o\"d'd", "o\"d'd")],
)
def test_a_message_names_any_column_on_one_line(tmp_path: Path, name: str, shown: str) -> None:
    named = json.dumps(name, ensure_ascii=False)
    assert refused_column(tmp_path, column("{min: low}", "integer", named), shown) == f"min {INTEGER}'low'."


@pytest.mark.parametrize("name", ["x" * 64, "é" * 32, "😀" * 16])
def test_a_name_that_postgres_would_cut(tmp_path: Path, name: str) -> None:
    assert refused_column(tmp_path, column("{}", name=name), name) == "the name is longer than 63 bytes."


# What the limits come to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data_type", "rules", "value", "detail"),
    [
        ("numeric", "{min: 0.5}", 0, "x is below 0.5"),
        ("numeric", "{max: 1}", 2, "x is above 1"),
        ("numeric", "{min: 0, max: 1}", 2, "x is outside of 0 to 1"),
        ("date", "{min: 2024-01-01}", "2023-12-31", "x is below 2024-01-01"),
        ("date", "{max: '2024-01-01'}", "2024-01-02", "x is above 2024-01-01"),
        (
            "timestamptz",
            "{min: 2024-01-01T00:00:00Z, max: 2024-01-02T00:00:00Z}",
            "2024-01-02T00:00:01Z",
            "x is outside of 2024-01-01T00:00:00+00:00 to 2024-01-02T00:00:00+00:00",
        ),
        ("integer", "{min: 0}", -1, "x is too small"),
        ("integer", "{max: 9}", 10, "x is too large"),
    ],
)
def test_what_a_record_is_told(tmp_path: Path, data_type: str, rules: str, value: Any, detail: str) -> None:
    declare_tables(tmp_path, table(column(rules, data_type)))
    check = compile_contract(load_sources(tmp_path)["shop.orders"]).check
    record = {"id": "a", "at": "2024-01-01T00:00:00Z", "op": "upsert", "x": value}
    with pytest.raises(Refusal) as refusal:
        check(json.dumps(record).encode())
    assert (refusal.value.reason, refusal.value.detail) == ("out_of_range", detail)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.datetimes(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner),
        max_leaves=5,
    ),
    st.sampled_from(
        [
            *("delivery", "key", "event_at", "operation", "field", "deletes", "unknown_fields", "max_record_bytes"),
            *("name", "data_type", "config", "meta", "landing", "columns", "identifier", "tables", "sources"),
            *("required", "accepted_values", "pattern", "min", "max"),
        ]
    ),
    st.sampled_from(["text", "integer", "numeric", "date", "timestamptz"]),
)
def test_any_value_anywhere_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: Any, where: str, data_type: str
) -> None:
    """Nothing but a UsageError comes of it, and what is taken compiles."""

    def put(node: Any) -> Any:
        if isinstance(node, list):
            return [put(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: value if key == where else put(item) for key, item in node.items()}

    project = tmp_path_factory.mktemp("project")
    ruled = column(f"{{required: false, {where}: 0}}" if where in KNOWN_META else "{}", data_type)
    document = put(yaml.safe_load(f"sources: [{{name: shop, tables: [{table(ruled)}]}}]"))
    declare(project, "# landing\n" + yaml.safe_dump(document, allow_unicode=True))
    try:
        sources: dict[str, Source] = load_sources(project)
    except UsageError as error:
        assert str(error).isprintable()  # noqa: PT017 - most of what is put in is refused, but not all
    else:
        for source in sources.values():
            compile_contract(source)
            assert len(source.contract_sha256) == 32
