"""What counts as declared: of models, of what stands beside them, of landing tables and their keys."""

from __future__ import annotations

from typing import Any

import pytest

from atlas.scan.declared import Declarations, Declared, undeclared
from atlas.scan.patterns import Term

LEVELS = {"public": 0, "internal": 1, "confidential": 2, "restricted": 3, "secret": 4}
TERMS = {"email": Term("E-mail address", "confidential"), "iban": Term("Account", "restricted")}
NOTHING = Declared(frozenset(), None)


def known(**columns: Declared) -> Declarations:
    return Declarations(
        {("navigate_base", "dim_x"): columns, ("explore", "raw_a__b"): columns}, {("explore", "raw_a__b"): ("k",)}
    )


def detection(table: str, column: str, path: str = "", pattern: str = "email") -> dict[str, Any]:
    schema, _, name = table.partition(".")
    return {"table_schema": schema, "table_name": name, "column_name": column, "path": path, "pattern": pattern}


@pytest.mark.parametrize(
    ("declared", "is_enough"),
    [
        (NOTHING, False),
        (Declared(frozenset({"email"}), None), True),
        (Declared(frozenset({"phone"}), None), False),
        (Declared(frozenset({"phone"}), "confidential"), True),
        (Declared(frozenset(), "internal"), False),
        (Declared(frozenset(), "secret"), True),
        (Declared(frozenset(), "unheard of"), False),
    ],
)
def test_a_pattern_or_a_level_is_enough(declared: Declared, is_enough: bool) -> None:
    found = [detection("navigate_base.dim_x", "c")]
    assert (undeclared(found, known(c=declared), TERMS, LEVELS) == []) is is_enough


@pytest.mark.parametrize(
    ("table", "column", "path", "is_known"),
    [
        ("navigate_base.dim_x", "c", "", True),
        ("navigate.dim_x", "c", "", True),
        ("navigate_base.dim_x__events", "c", "", True),
        ("navigate_base.dim_x__dbt_backup", "c", "", True),
        ("navigate_base.dim_x__else", "c", "", False),
        ("navigate_base.dim_x", "d", "", False),
        ("chart.dim_x", "c", "", False),
        ("explore.raw_a__b", "payload", "c", True),
        ("explore.raw_a__b", "payload", "c.deeper[*].mail", True),
        ("explore.raw_a__b", "payload", "c[*]", True),
        ("explore.raw_a__b", "payload", "cc", False),
        ("explore.raw_a__b", "payload", "{*}.c", False),
        ("explore.raw_a__b", "key", "", True),
        ("explore.raw_a__b", "sha256", "", False),
    ],
)
def test_where_a_declaration_holds(table: str, column: str, path: str, is_known: bool) -> None:
    mail = Declared(frozenset({"email"}), None)
    declarations = known(c=mail, k=mail)
    assert (undeclared([detection(table, column, path)], declarations, TERMS, LEVELS) == []) is is_known


def test_a_name_with_odd_characters_is_found() -> None:
    declarations = known(**{"first.name": Declared(frozenset({"email"}), None)})
    assert undeclared([detection("explore.raw_a__b", "payload", '"first.name".x')], declarations, TERMS, LEVELS) == []


def test_the_sentence_says_where_and_what_to_write() -> None:
    (sentence,) = undeclared([detection("chart.t", "c", "a[*]", "iban")], known(), TERMS, LEVELS)
    assert sentence == (
        "chart.t.c.a[*] holds what looks like personal data (Account) and doesn't declare it: "
        "give it `pii: iban` or a classification of at least restricted."
    )
