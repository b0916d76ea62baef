"""What is known of PostgreSQL's functions and operators, against PostgreSQL's own catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from atlas.lineage.dialect import CATALOGUED
from atlas.lineage.query import rows_of_sql
from atlas.lineage.rows import Rows, Value, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

ARGUMENTS = [f"c{number}" for number in range(1, 12)]
TABLES = {("t", "t"): Rows(tuple((name, origin("t", name)) for name in ARGUMENTS))}
# They change by themselves, and read nothing.
CHANGING = {"clock_timestamp", "gen_random_uuid", "random", "random_normal", "timeofday", "uuidv4", "uuidv7"}
# Of these, arguments choose what is counted.
COUNTS = {"count"}


@pytest.fixture(scope="module")
def catalogue(server_url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    with psycopg.connect(server_url) as connection:
        yield connection


def value(expression: str) -> Value:
    return rows_of_sql(f"select {expression} as x from t.t", TABLES).whole()


def test_functions_that_are_followed_read_nothing_but_their_arguments(
    catalogue: psycopg.Connection[TupleRow],
) -> None:
    found = catalogue.execute(
        "select proname, bool_or(provolatile = 'v') from pg_proc where pronamespace = 'pg_catalog'::regnamespace"
        " and prokind in ('f', 'a', 'w') group by proname"
    ).fetchall()
    volatile = {name for name, is_volatile in found if is_volatile}
    assert CATALOGUED & volatile <= CHANGING
    # Older releases lack some.
    if catalogue.info.server_version >= 180000:
        assert {name for name, _ in found} >= CATALOGUED


def test_no_argument_of_a_function_is_lost(catalogue: psycopg.Connection[TupleRow]) -> None:
    found = catalogue.execute(
        "select distinct p.proname, arguments from pg_proc as p"
        " cross join generate_series(p.pronargs - p.pronargdefaults, p.pronargs + (p.provariadic <> 0)::int)"
        " as arguments"
        " where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind in ('f', 'a', 'w')"
    ).fetchall()
    assert len(found) > 2_000
    for name, count in found:
        arguments = ARGUMENTS[:count]
        called = value(f"{name}({', '.join(arguments)})")
        if name in COUNTS:
            continue
        assert called.gaps or {one.column for one in called.origins} == set(arguments), (name, arguments)
        assert called.gaps or name in CATALOGUED, f"{name}() is followed and not listed"


def test_no_operand_is_lost(catalogue: psycopg.Connection[TupleRow]) -> None:
    found = catalogue.execute("select distinct oprname, oprkind::text from pg_operator").fetchall()
    assert len(found) > 60
    followed = 0
    for name, kind in found:
        expression, operands = (f"{name} c1", {"c1"}) if kind == "l" else (f"c1 {name} c2", {"c1", "c2"})
        applied = value(expression)
        followed += not applied.gaps
        assert applied.gaps or {one.column for one in applied.origins} == operands, (name, applied)
    assert followed > 50
