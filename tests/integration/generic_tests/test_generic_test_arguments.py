"""Wrong arguments of a generic test are refused when dbt reads them, with test, table and argument in one sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from generic_tests_support import ROOT, make_project, run_dbt

from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OTHERS = "\"source('shop', 'others')\""
ONE_PART = f"parts: [{{relation: {OTHERS}}}]"
KEY = f"dimension: {OTHERS}"

REFUSED = {
    "accepted_range": {
        "{}": "min_value or max_value must be given, or both.",
        "{min_value: 2, max_value: 1}": "min_value must not be above max_value: 2 > 1.",
        "{min_value: 1, ends: half}": 'ends must be one of closed, open, closed_open, open_closed, and is "half".',
    },
    "accepted_values": {"{values: []}": "values must be a list with a value in it."},
    "is_country_code": {"{also: UK}": "also must be a list of codes."},
    "is_currency_code": {"{also: [1]}": "also must be a list of codes."},
    "not_null_proportion": {
        "{at_least: -0.1}": "at_least must be a number from 0 to 1, and is -0.1.",
        "{at_least: 95}": "at_least must be a number from 0 to 1, and is 95.",
        "{at_least: true}": "at_least must be a number from 0 to 1, and is true.",
    },
    "matching_proportion": {
        "{expression: price > 0}": "at_least or at_most must be given, or both.",
        "{expression: price > 0, at_least: 0.5, at_most: 0.4}": "at_most must be a number from 0.5 to 1, and is 0.4.",
    },
    "relationships": {
        "{to: others, field: price}": "to must be ref('…') or source('…', '…').",
        f"{{to: {OTHERS}, field: price, allowed_rows: -1}}": (
            "allowed_rows must be a whole number of 0 or more, and is -1."
        ),
        f"{{to: {OTHERS}, field: price, allowed_share: 1.5}}": (
            "allowed_share must be a number from 0 to 1, and is 1.5."
        ),
        f"{{to: {OTHERS}, field: price, allowed_rows: 1, allowed_share: 0.1}}": (
            "allowed_rows and allowed_share exclude each other."
        ),
    },
    "equal_row_count": {"{compare_model: others}": "compare_model must be ref('…') or source('…', '…')."},
    "row_count_between": {
        "{}": "min_value or max_value must be given, or both.",
        "{min_value: -1}": "min_value must be a whole number of 0 or more, and is -1.",
        "{max_value: 1.5}": "max_value must be a whole number of 0 or more, and is 1.5.",
    },
    "unique_combination": {"{columns: price}": "columns must be a list of columns, not an empty one."},
    "mutually_exclusive_ranges": {
        "{lower_bound: a, upper_bound: b, gaps: maybe}": 'gaps must be one of allowed, not_allowed, and is "maybe".',
        "{lower_bound: a, upper_bound: b, group_by: c}": "group_by must be a list of columns.",
    },
    "scd2_shape": {"{unique_key: []}": "unique_key must be a list of columns, not an empty one."},
    "sequential_values": {"{interval: 0}": "interval must be a whole number of 1 or more, and is 0."},
    "recency": {
        "{datepart: days, interval: 1}": (
            'datepart must be one of second, minute, hour, day, week, month, quarter, year, and is "days".'
        ),
        "{datepart: day, interval: -1}": "interval must be a whole number of 1 or more, and is -1.",
    },
    "distribution_holds": {
        "{}": "compare_model or shares must be given, and not both.",
        "{shares: {a: 0.6, b: 0.6}}": "shares must not be more than 1 together, and are 1.2.",
        "{shares: {a: -1}}": "each of shares must be a number from 0 to 1, and is -1.",
        "{shares: [0.5, 0.5]}": "shares must be a mapping from value to share.",
        "{shares: [0.5, 0.5], cut_points: [1, 2]}": (
            "shares must be a list with one share more than there are cut_points."
        ),
        f"{{compare_model: {OTHERS}, bins: 1}}": "bins must be a whole number from 2 to 1000, and is 1.",
        f"{{compare_model: {OTHERS}, bins: 4, cut_points: [1]}}": (
            "bins are cut by compare_model, and go neither with cut_points nor with shares."
        ),
        f"{{compare_model: {OTHERS}, cut_points: 1}}": "cut_points must be a list, in ascending order.",
        f"{{compare_model: {OTHERS}, max_psi: -1}}": "max_psi must be a number of 0 or more, and is -1.",
    },
    "sums_reconcile": {
        "{parts: []}": "parts must be a list of mappings with relation, expression, where.",
        "{parts: [{relation: others}]}": "relation of parts must be ref('…') or source('…', '…').",
        f"{{parts: [{{relation: {OTHERS}, sum: price}}]}}": (
            "parts must be a list of mappings that know only relation, expression, where."
        ),
        f"{{{ONE_PART}, tolerance: -1}}": "tolerance must be a number of 0 or more, and is -1.",
    },
    "schema_unchanged": {"{columns: [price]}": "columns must be a mapping from column to type."},
    "version_was_valid": {
        f"{{{KEY}, key: member, at: at}}": "key must be a mapping from the dimension's columns to the fact's.",
    },
}


def declared(cases: list[tuple[str, str]]) -> str:
    """A table with these tests, each named by its place; those of a column hang on one."""
    tests: dict[str, list[str]] = {"column": [], "table": []}
    for number, (test, arguments) in enumerate(cases):
        place = "column" if "column_name" in (ROOT / f"tests/dbt/generic/{test}.sql").read_text() else "table"
        tests[place].append(f"{{{test}: {{name: case_{number}, arguments: {arguments}}}}}")
    column = f"{{name: price, data_tests: [{', '.join(tests['column'])}]}}"
    orders = f"{{name: orders, columns: [{column}], data_tests: [{', '.join(tests['table'])}]}}"
    return f"sources: [{{name: shop, tables: [{{name: others}}, {orders}]}}]"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project for which no database is needed."""
    nowhere = Settings(tmp_path, "postgresql://nobody@nowhere/nothing", None, None)
    return make_project(tmp_path / "project", monkeypatch, nowhere)


def test_wrong_arguments_stop_dbt(place: Path) -> None:
    (place / "models/orders.yml").write_text(declared([("accepted_range", "{}")]))
    assert run_dbt(place, "parse").said.startswith(
        "Compilation Error in test case_0 (models/orders.yml)\n"
        "  accepted_range on shop.orders.price: min_value or max_value must be given, or both.\n"
    )


def test_each_wrong_argument_is_refused_by_name(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one run: dbt would stop at the first, so what it raises is kept, and it goes on."""
    from dbt.parser.schema_generic_tests import SchemaGenericTestParser  # noqa: PLC0415 - takes seconds
    from dbt_common.exceptions import CompilationError  # noqa: PLC0415 - takes seconds

    raised: dict[str, str] = {}
    render: Callable[..., None] = SchemaGenericTestParser.render_test_update

    def keep_what_is_raised(parser: Any, node: Any, *arguments: Any) -> None:
        try:
            render(parser, node, *arguments)
        except CompilationError as error:
            raised[node.name] = str(error)

    monkeypatch.setattr(SchemaGenericTestParser, "render_test_update", keep_what_is_raised)
    cases = [(test, given, sentence) for test, refused in REFUSED.items() for given, sentence in refused.items()]
    (place / "models/orders.yml").write_text(declared([(test, given) for test, given, _ in cases]))
    run_dbt(place, "parse")
    for number, (test, given, sentence) in enumerate(cases):
        message = raised.get(f"case_{number}", "nothing was raised")
        said = rf"  {test} on shop[.]orders([.]price)?: {re.escape(sentence)}\n"
        assert re.search(said, message), f"{given}: {message}"
