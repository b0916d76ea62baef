"""What moved a score since the day before: points of rules that add up to the whole difference."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from score_support import record

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow

RULES = ("a", "b", "c", "d", "e")
TODAY = "(now() at time zone 'UTC')::date"
DIMENSIONS = ("completeness", "validity", "accuracy")


def changes(connection: psycopg.Connection[TupleRow], column: str) -> dict[str, float | None]:
    rows = connection.execute(f"select rule_name, {column} from quality.score_changes where scored_on = {TODAY}")
    return {name: None if value is None else float(value) for name, value in rows.fetchall()}


def result(name: str, dimension: str, failed: int, **more: Any) -> dict[str, Any]:
    return {"test_name": name, "dimension": dimension, "rows_tested": 100, "rows_failed": failed, **more}


def test_the_rule_that_moved_is_named_with_its_points(connection: psycopg.Connection[TupleRow]) -> None:
    still = (result("name", "completeness", 1, weight=3), result("id", "uniqueness", 0))
    record(connection, result("email", "completeness", 5), *still, days_ago=1)
    record(connection, result("email", "completeness", 45, status="fail"), *still)
    # 40 of 100 rows, a quarter of the dimension's weight, one of two dimensions.
    assert changes(connection, "moved_by") == {"email": -10.0}
    assert changes(connection, "overall_moved_by") == {"email": -5.0}


def test_a_rule_that_came_is_not_charged_to_the_others(connection: psycopg.Connection[TupleRow]) -> None:
    record(connection, result("a", "validity", 0), result("b", "validity", 0), days_ago=1)
    record(connection, result("a", "validity", 0), result("b", "validity", 0), result("new", "validity", 30))
    assert changes(connection, "moved_by") == {"new": -10.0}


def test_a_rule_that_could_not_be_asked_is_shown(connection: psycopg.Connection[TupleRow]) -> None:
    record(connection, result("a", "validity", 50), result("b", "validity", 0), days_ago=1)
    broken = {"test_name": "a", "dimension": "validity", "status": "error", "rows_tested": None, "rows_failed": None}
    record(connection, broken, result("b", "validity", 0))
    assert changes(connection, "moved_by") == {"a": 25.0}, "the score rises, and it is said why"
    assert connection.execute(
        "select previous_status, status, share from quality.score_changes where rule_name = 'a'"
    ).fetchone() == ("pass", "error", None)
    assert connection.execute(
        "select rules, rules_measured, rules_errored from quality.table_scores"
        f" where dimension = 'overall' and scored_on = {TODAY}"
    ).fetchone() == (2, 1, 1)


def reads(plan: dict[str, Any]) -> int:
    """How often a plan has looked into the results of tests."""
    of_this = plan["Actual Loops"] if plan.get("Relation Name", "").startswith("test_runs") else 0
    return of_this + sum(reads(part) for part in plan.get("Plans", []))


def test_asking_for_a_table_and_a_day_compares_no_other_days(connection: psycopg.Connection[TupleRow]) -> None:
    for days_ago in range(20):
        record(connection, result("a", "validity", days_ago), days_ago=days_ago)
    found = []
    for condition in ("true", f"table_name = 'dim_person' and scored_on = {TODAY}"):
        row = connection.execute(
            f"explain (analyze, format json) select * from quality.score_changes where {condition}"
        ).fetchone()
        assert row
        found.append(reads(row[0][0]["Plan"]))
    everything, one_day = found
    # Each day is compared with the one before, there being nineteen of these.
    assert everything == 19 * one_day > 0


def test_points_add_up_whatever_came_went_or_changed_weight(connection: psycopg.Connection[TupleRow]) -> None:
    draw = random.Random(6)  # noqa: S311 - repeatable
    for trial in range(30):
        days = [
            [
                result(
                    rule,
                    draw.choice(DIMENSIONS),
                    draw.randrange(101),
                    weight=draw.choice((1, 2, 5)),
                    table_name=f"t{trial}",
                    status=draw.choice(("pass", "fail", "error", "skipped")),
                )
                for rule in RULES
                if draw.random() < 0.8
            ]
            or [result("a", "validity", 1, table_name=f"t{trial}")]
            for _ in range(2)
        ]
        record(connection, *days[0], days_ago=1)
        record(connection, *days[1])
    rows = connection.execute(
        """
        with points as (
            select table_name, dimension, sum(moved_by) as points from quality.score_changes group by 1, 2
            union all
            select table_name, 'overall', sum(overall_moved_by) from quality.score_changes group by 1
        )
        select t.table_name, t.dimension, t.change, coalesce(p.points, 0)
        from quality.score_trends as t
        left join points as p using (table_name, dimension)
        where t.change is not null
        """
    ).fetchall()
    assert len(rows) > 40
    # Scores are rounded down to hundredths.
    assert [row for row in rows if abs(row[2] - row[3]) > 0.011] == []
