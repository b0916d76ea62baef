"""Scores, against the example of docs/guides/scores.md, worked by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from score_support import record

if TYPE_CHECKING:
    from psycopg.rows import TupleRow


def scores(connection: psycopg.Connection[TupleRow]) -> dict[str, Decimal | None]:
    return dict(connection.execute("select dimension, score from quality.table_scores").fetchall())


EXAMPLE = (
    {"test_name": "email", "dimension": "completeness", "rows_tested": 1000, "rows_failed": 50, "status": "fail"},
    {
        "test_name": "name",
        "dimension": "completeness",
        "weight": 3,
        "rows_tested": 1000,
        "rows_failed": 10,
        "status": "warn",
    },
    {"test_name": "id", "dimension": "uniqueness", "rows_tested": 1000, "rows_failed": 0},
    {"test_name": "country", "dimension": "validity", "rows_tested": 800, "rows_failed": 200, "status": "fail"},
    {"test_name": "ages", "dimension": "consistency", "rows_tested": 0, "rows_failed": 0},
)


def test_the_example_worked_by_hand(connection: psycopg.Connection[TupleRow]) -> None:
    record(connection, *EXAMPLE)
    assert scores(connection) == {
        "completeness": Decimal("98.00"),
        "uniqueness": Decimal("100.00"),
        "validity": Decimal("75.00"),
        "consistency": None,
        "accuracy": None,
        "timeliness": None,
        "overall": Decimal("91.00"),
    }


def test_what_moved_the_example(connection: psycopg.Connection[TupleRow]) -> None:
    """E-mail falls from 0.95 to 0.55: a quarter of completeness, which is a third of the overall score."""
    record(connection, *EXAMPLE, days_ago=1)
    record(connection, EXAMPLE[0] | {"rows_failed": 450}, *EXAMPLE[1:])
    assert connection.execute("select rule_name, moved_by, overall_moved_by from quality.score_changes").fetchall() == [
        ("email", Decimal("-10.0000"), Decimal("-3.3333"))
    ]


def test_trends_look_back_a_week_and_a_month(connection: psycopg.Connection[TupleRow]) -> None:
    for days_ago, failed in ((40, 0), (29, 20), (6, 40), (0, 10)):
        tested = {"test_name": "a", "dimension": "validity", "rows_tested": 100, "rows_failed": failed}
        record(connection, tested, days_ago=days_ago)
    assert connection.execute(
        "select score, change, scored_on - previous_on, average_7_days, average_30_days, lowest_30_days, change_7_days,"
        " change_30_days from quality.score_trends where dimension = 'validity' order by scored_on desc limit 1"
    ).fetchone() == (90, 30, 6, 75, Decimal("76.67"), 60, 30, 10)


def test_the_example_is_the_guides(project: Any) -> None:
    guide = (project / "docs" / "guides" / "scores.md").read_text()
    for line in (
        "| e-mail is there | completeness | 1 | 1,000 | 50 | 0.95 |",
        "| name is there | completeness | 3 | 1,000 | 10 | 0.99 |",
        "| country is known | validity | 1 | 800 | 200 | 0.75 |",
        "= **98.00**",
        "= **91.00**",
        "e-mail falling from 0.95 to 0.55 moves completeness by",
        "points, and the overall score by a third of that",
    ):
        assert line in " ".join(guide.split())


@pytest.mark.parametrize(
    "unmeasured",
    [
        {"rows_tested": None, "rows_failed": 3, "status": "fail"},
        {"rows_tested": 0, "rows_failed": 0},
        {"rows_tested": None, "rows_failed": None, "status": "error"},
    ],
    ids=["without a population", "over no rows", "that could not run"],
)
def test_a_test_is_unmeasured(connection: psycopg.Connection[TupleRow], unmeasured: dict[str, Any]) -> None:
    record(
        connection,
        {"test_name": "a", "dimension": "validity", "rows_tested": 4, "rows_failed": 1},
        {"test_name": "b", "dimension": "validity", **unmeasured},
        {"test_name": "c", "dimension": "accuracy", **unmeasured},
    )
    found = scores(connection)
    assert (found["validity"], found["accuracy"], found["overall"]) == (Decimal("75.00"), None, Decimal("75.00"))
    assert connection.execute(
        "select rules, rules_measured from quality.table_scores where dimension = 'overall'"
    ).fetchone() == (3, 1)


def test_of_a_day_the_latest_result_of_each_test_counts(connection: psycopg.Connection[TupleRow]) -> None:
    record(connection, {"test_name": "a", "dimension": "validity", "rows_tested": 10, "rows_failed": 9})
    record(connection, {"test_name": "a", "dimension": "validity", "rows_tested": 10, "rows_failed": 1})
    assert scores(connection)["validity"] == Decimal("90.00")


def test_a_skipped_test_hides_no_earlier_result(connection: psycopg.Connection[TupleRow]) -> None:
    record(connection, {"test_name": "a", "dimension": "validity", "rows_tested": 10, "rows_failed": 1})
    record(connection, {"test_name": "a", "dimension": "validity", "status": "skipped"})
    assert scores(connection)["validity"] == Decimal("90.00")
    assert connection.execute(
        "select rules, rules_measured, rules_skipped from quality.table_scores where dimension = 'validity'"
    ).fetchone() == (1, 1, 1), "but it is seen that it was skipped since"


def test_a_failing_row_among_very_many_keeps_the_score_below_100(connection: psycopg.Connection[TupleRow]) -> None:
    record(connection, {"test_name": "a", "dimension": "validity", "rows_tested": 10_000_000, "rows_failed": 1})
    assert scores(connection)["validity"] == Decimal("99.99")


def test_dimensions_may_weigh_more(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute("update quality.dimensions set weight = 3 where dimension = 'validity'")
    record(
        connection,
        {"test_name": "a", "dimension": "validity", "rows_tested": 10, "rows_failed": 2},
        {"test_name": "b", "dimension": "accuracy", "rows_tested": 10, "rows_failed": 10},
    )
    # Three times 80 and once 0, by four: dimensions without results weigh nothing.
    assert scores(connection)["overall"] == Decimal("60.00")


def test_days_are_utc(connection: psycopg.Connection[TupleRow]) -> None:
    record(connection, {"test_name": "a", "dimension": "validity", "rows_tested": 10, "rows_failed": 1})
    connection.execute(
        "select pipeline.ensure_partitions('quality.test_runs', 'year', array[now() - interval '1 day'])"
    )
    connection.execute(
        "update quality.test_runs set executed_at = date_trunc('day', now(), 'UTC') - interval '1 second'"
    )
    connection.execute("truncate quality.table_scores")
    connection.execute("set timezone = 'Pacific/Auckland'")
    connection.execute("select quality.score_tables()")
    row = connection.execute(
        "select bool_and(scored_on = (now() at time zone 'UTC')::date - 1) from quality.table_scores"
    ).fetchone()
    assert row == (True,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows_tested": -1, "rows_failed": 0},
        {"dimension": "beauty"},
        {"weight": 0},
        {"status": "ok"},
    ],
)
def test_the_database_refuses_results_that_cant_be(
    connection: psycopg.Connection[TupleRow], wrong: dict[str, Any]
) -> None:
    result = {"test_name": "a", "dimension": "validity", "rows_tested": 1, "rows_failed": 0} | wrong
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.ForeignKeyViolation)):
        record(connection, result)


def test_more_failures_than_rows_make_a_score_of_nothing(connection: psycopg.Connection[TupleRow]) -> None:
    record(
        connection, {"test_name": "a", "dimension": "validity", "rows_tested": 2, "rows_failed": 5, "status": "fail"}
    )
    assert scores(connection)["validity"] == Decimal("0.00")
