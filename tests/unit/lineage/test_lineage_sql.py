"""Which columns a query's columns come from, one construct at a time (queries.yml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from atlas.lineage.query import rows_of_sql
from atlas.lineage.rows import NOTHING, Rows, Value, gap, origin

LANDED = Rows(
    (
        ("batch_id", NOTHING),
        ("event_at", origin("crm", "changed_at")),
        ("payload", Value(origin("crm", "*").origins, document="crm")),
    )
)
TABLES = {
    ("app", "people"): Rows(tuple((name, origin("people", name)) for name in ("id", "name", "email", "city", "tags"))),
    ("app", "orders"): Rows(
        tuple((name, origin("orders", name)) for name in ("id", "person", "amount", "placed_at", "note"))
    ),
    ("explore", "raw"): LANDED,
    ("app", "vague"): Rows((("known", origin("vague", "known")),), gap("not all is declared")),
    ("", "__dbt__cte__light"): Rows((("email", origin("light", "email")),)),
}
CASES = yaml.safe_load(Path(__file__).with_name("queries.yml").read_text(encoding="utf-8"))


def lineage(sql: str) -> dict[str, set[str]]:
    """By column, ``table.column`` of each origin, and a question mark if it can't be followed."""
    rows = rows_of_sql(sql, TABLES)
    found = {str(name): _shown(value) for name, value in rows.columns}
    return found if rows.rest is None else {**found, "...": _shown(rows.rest)}


def _shown(value: Value) -> set[str]:
    return {f"{one.relation}.{one.column}" for one in value.origins} | ({"?"} if value.gaps else set())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_columns_are_followed(case: dict[str, Any]) -> None:
    assert lineage(case["sql"]) == {name: set(origins.split()) for name, origins in case["columns"].items()}


def test_deep_nesting_does_no_harm() -> None:
    deep = "select " + "(" * 3_000 + "email" + ")" * 3_000 + " as e from app.people"
    wide = " union all ".join(["select email from app.people"] * 2_000)
    for sql in (deep, wide):
        assert set.union(*lineage(sql).values()) & {"?", "people.email"}
