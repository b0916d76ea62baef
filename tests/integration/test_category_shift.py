"""How far a public column's values are from what they used to be, against numbers worked by hand."""

from __future__ import annotations

import json
import uuid
from math import log
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg
    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]


def profile(connection: Connection, days_ago: int, top_values: Mapping[str, int], others: int = 0) -> str:
    """Record a profile of a column as it was some days ago; its run."""
    run_id = str(uuid.uuid4())
    rows = sum(top_values.values()) + others
    connection.execute(
        "select pipeline.ensure_partitions("
        " 'quality.column_profiles', 'year', array[now() - make_interval(days => %s)])",
        [days_ago],
    )
    connection.execute(
        """
        insert into quality.column_profiles (
            run_id, profiled_at, table_schema, table_name, column_name, place, data_type, row_count, rows_read, nulls,
            distinct_count, distinct_low, distinct_high, top_values
        )
        values (
            %s, now() - make_interval(days => %s), 'chart', 't', 'colour', 1, 'text', %s, %s, 5, 1, 1, 1, %s
        )
        """,
        [
            run_id,
            days_ago,
            rows + 5,
            rows + 5,
            json.dumps([{"value": value, "rows": count} for value, count in top_values.items()]),
        ],
    )
    return run_id


def shift(connection: Connection, run_id: str) -> float | None:
    row = connection.execute("select psi from quality.category_shifts(%s)", [run_id]).fetchone()
    return None if row is None else float(row[0])


def test_the_index_is_the_formulas(connection: Connection) -> None:
    profile(connection, 2, {"red": 60, "blue": 40})
    profile(connection, 1, {"red": 40, "blue": 60})
    run_id = profile(connection, 0, {"red": 80, "blue": 20})
    # 80 and 20 % where half and half is usual.
    assert shift(connection, run_id) == pytest.approx(0.3 * log(0.8 / 0.5) - 0.3 * log(0.2 / 0.5))


def test_the_same_shares_are_no_shift(connection: Connection) -> None:
    profile(connection, 1, {"red": 50, "blue": 30}, others=20)
    assert shift(connection, profile(connection, 0, {"blue": 3000, "red": 5000}, others=2000)) == pytest.approx(0)


def test_a_value_that_is_new_and_one_that_is_gone(connection: Connection) -> None:
    profile(connection, 1, {"red": 90, "blue": 10})
    run_id = profile(connection, 0, {"red": 90, "green": 10})
    assert shift(connection, run_id) == pytest.approx(2 * (0.1 - 0.001) * log(0.1 / 0.001))


def test_what_fell_into_an_incident_is_not_compared_with(connection: Connection) -> None:
    profile(connection, 3, {"red": 50, "blue": 50})
    profile(connection, 1, {"red": 1, "blue": 99})
    connection.execute(
        "insert into quality.incidents (table_schema, table_name, began_at, ended_at)"
        " values ('chart', 't', now() - interval '30 hours', now() - interval '20 hours')"
    )
    assert shift(connection, profile(connection, 0, {"red": 50, "blue": 50})) == pytest.approx(0)


def test_nothing_is_said_of_first_profiles_and_of_columns_without_frequent_values(connection: Connection) -> None:
    run_id = profile(connection, 1, {f"id {number}": 1 for number in range(10)}, others=990)
    assert shift(connection, run_id) is None
    assert shift(connection, profile(connection, 0, {"red": 1000})) is None
