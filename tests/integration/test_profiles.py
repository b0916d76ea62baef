"""Profiles of columns, in the database: what they count, how far estimates are off, and what they never hold."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.rows import dict_row

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]


def profile(connection: Connection, relation: str, **given: Any) -> dict[str, dict[str, Any]]:
    """Profile a table of schema chart; its columns by name."""
    run_id = str(uuid.uuid4())
    table = {
        "table_schema": "chart",
        "table_name": relation,
        "relation": f"chart.{relation}",
        "most_rows": 1000,
        "row_count": None,
        "public_columns": [],
    } | given
    complaints = connection.execute(
        "select * from quality.profile_tables(%s, %s, '[]')", [run_id, json.dumps([table])]
    ).fetchall()
    assert complaints == []
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select * from quality.column_profiles where run_id = %s order by place", [run_id]
        ).fetchall()
    return {row["column_name"]: row for row in rows}


def part(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def test_a_small_table_is_counted_exactly(connection: Connection) -> None:
    connection.execute("""
        create table chart.person as
        select *
        from (
            values
            (1, 'ann', 'red', 1.5, date '2024-01-01', true, '{"a": 1}'::jsonb),
            (2, 'bob', 'red', 2.5, date '2024-01-02', false, '{"a": 1}'),
            (3, 'bob', 'blue', null, date '2024-01-02', true, null),
            (4, null, 'Red', 'NaN', null, true, '{"a": 2}')
        ) as p (id, name, colour, amount, born_on, is_there, document)
    """)
    found = profile(connection, "person", public_columns=["colour", "amount", "born_on", "is_there"])
    assert list(found) == ["id", "name", "colour", "amount", "born_on", "is_there", "document"]
    assert {part(row, "row_count", "rows_read") for row in found.values()} == {(4, 4)}
    assert [row["nulls"] for row in found.values()] == [0, 1, 0, 1, 1, 0, 1]
    exact = [part(row, "distinct_low", "distinct_count", "distinct_high") for row in found.values()]
    assert exact == [(n, n, n) for n in (4, 2, 3, 3, 2, 2, 2)]
    assert part(found["name"], "min_length", "max_length", "mean_length") == (3, 3, 3.0)
    assert part(found["amount"], "mean", "min_value", "percentiles") == (2.0, "1.5", [1.5, 1.5, 1.5, 2.5, 2.5])
    assert part(found["born_on"], "min_value", "max_value") == ("2024-01-01", "2024-01-02")
    assert found["is_there"]["mean"] == 0.75
    assert found["colour"]["top_values"] == [
        {"value": "red", "rows": 2},
        {"value": "Red", "rows": 1},
        {"value": "blue", "rows": 1},
    ]


VALUES = ("min_value", "max_value", "percentiles", "top_values")


def test_values_are_kept_of_public_columns_alone(connection: Connection) -> None:
    connection.execute(
        "create table chart.secret as"
        " select n as number, 'n' || n as text, now() as at from generate_series(1, 19) as n"
    )
    found = profile(connection, "secret", public_columns=["elsewhere"])
    for row in found.values():
        assert part(row, *VALUES, "mean", "stddev") == (None,) * 6
    connection.execute("insert into chart.secret values (20, 'n20', now())")
    found = profile(connection, "secret")
    # A mean of twenty gives nobody away, its least and its middle value do.
    assert found["number"]["mean"] == 10.5
    assert [part(row, *VALUES) for row in found.values()] == [(None,) * 4] * 3


@pytest.mark.parametrize("partitioned", [False, True], ids=["plain", "partitioned"])
def test_a_large_table_is_sampled_and_its_errors_hold(connection: Connection, partitioned: bool) -> None:
    rows = 100_000
    by_range = "partition by range (id)" if partitioned else ""
    connection.execute(
        f"create table chart.big (id integer, few integer, mid integer, amount float, late text) {by_range}"
    )
    if partitioned:
        connection.execute("create table chart.big_1 partition of chart.big for values from (0) to (50000)")
        connection.execute("create table chart.big_2 partition of chart.big for values from (50000) to (200000)")
    connection.execute(
        "insert into chart.big select n, n %% 7, hashint4(n) %% 5000, 100 * random(), case when n %% 4 > 0 then 'x' end"
        " from generate_series(1, %s) as n",
        [rows],
    )
    connection.execute("analyze chart.big")
    found = profile(connection, "big", most_rows=10_000, public_columns=["amount"])
    read = found["id"]["rows_read"]
    assert 7_000 < read < 13_000
    assert all(row["row_count"] == pytest.approx(rows, rel=0.01) for row in found.values())
    truth = {"id": rows, "few": 7, "mid": 9_999, "late": 1}
    for name, count in truth.items():
        low, estimate, high = part(found[name], "distinct_low", "distinct_count", "distinct_high")
        assert low <= count <= high * 1.01, name
        assert estimate == pytest.approx(count, rel=0.15), name
    assert found["late"]["nulls"] / read == pytest.approx(0.25, abs=0.03)
    assert found["amount"]["mean"] == pytest.approx(50, abs=2)
    assert found["amount"]["percentiles"] == pytest.approx([5, 25, 50, 75, 95], abs=3)
    # The same draw as long as the table doesn't change.
    again = profile(connection, "big", most_rows=10_000, public_columns=["amount"])
    assert again["mid"]["distinct_low"] == found["mid"]["distinct_low"]


def test_a_table_is_scanned_once(connection: Connection) -> None:
    connection.execute("create table chart.wide as select n as a, n::text as b from generate_series(1, 500) as n")
    profile(connection, "wide", public_columns=["a", "b"])
    connection.execute("select pg_stat_force_next_flush()")
    row = connection.execute(
        "select seq_scan, seq_tup_read from pg_stat_user_tables where relid = 'chart.wide'::regclass"
    ).fetchone()
    assert row == (1, 500)


@pytest.mark.parametrize(
    "columns",
    [
        "n integer",
        "n numeric, d date, t timestamptz, s text, f float, b boolean, j json, x jsonb, u uuid, a text[], y bytea",
        '"Odd ""name"" %s" text, "select" int, "ünïcode 100%%" int',
        "i interval, p point, m money, e inet, r int4range, c char(3), q xml",
    ],
    ids=["one column", "usual types", "odd names", "unusual types"],
)
def test_empty_tables_and_types_of_all_kinds(connection: Connection, columns: str) -> None:
    connection.execute(f"create table chart.kinds ({columns})".encode())
    names = [
        row[0]
        for row in connection.execute(
            "select attname from pg_attribute where attrelid = 'chart.kinds'::regclass and attnum > 0"
        ).fetchall()
    ]
    found = profile(connection, "kinds", public_columns=names)
    assert list(found) == names
    assert {part(row, "row_count", "nulls", "distinct_count", "mean") for row in found.values()} == {(0, 0, 0, None)}
    connection.execute("insert into chart.kinds default values")
    found = profile(connection, "kinds", public_columns=names)
    assert {part(row, "row_count", "nulls", "distinct_count") for row in found.values()} == {(1, 1, 0)}


def test_numbers_that_are_none_or_too_large(connection: Connection) -> None:
    connection.execute("""
        create table chart.odd as
        select n::float as f, n::numeric as n
        from unnest(array['1', '3', 'NaN', 'Infinity', '-Infinity', '1e200', null]) as n
    """)
    for row in profile(connection, "odd", public_columns=["f", "n"]).values():
        assert part(row, "nulls", "distinct_count", "mean") == (1, 6, 2.0)


def test_a_table_that_cant_be_profiled_is_named_and_the_others_are(connection: Connection) -> None:
    connection.execute("create table chart.there as select 1 as id")
    tables = [
        {
            "table_schema": "chart",
            "table_name": name,
            "relation": f"chart.{name}",
            "most_rows": 10,
            "public_columns": [],
        }
        for name in ("gone", "there")
    ]
    run_id = str(uuid.uuid4())
    complaints = connection.execute(
        "select * from quality.profile_tables(%s, %s, '[]')", [run_id, json.dumps(tables)]
    ).fetchall()
    assert complaints == [("chart", "gone", "42P01")]
    assert connection.execute("select table_name from quality.column_profiles").fetchall() == [("there",)]
