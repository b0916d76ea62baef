"""The scores of tables, day by day, with the rules behind them; docs/guides/scores.md says how they come about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from psycopg import Connection
    from psycopg.rows import TupleRow

OF_TABLE = sql.SQL("(%(table)s::text is null or %(table)s in (table_name, table_schema || '.' || table_name))")
# The table that was asked for, or all of them: the last day of each, or each day since.
ASKED = sql.SQL("""
    with asked as materialized (
        select d.table_schema, d.table_name, d.scored_on
        from (
            select
                table_schema, table_name, scored_on,
                max(scored_on) over (partition by table_schema, table_name) as last_on
            from quality.table_scores
            where dimension = 'overall' and {of_table}
        ) as d
        where d.scored_on >= coalesce(%(since)s::date, d.last_on)
    )
""").format(of_table=OF_TABLE)
# A row a table and day: each table's last, or each one since. A dimension that nothing measured is None.
SCORES = sql.SQL("""
    {asked}
    select
        t.table_schema || '.' || t.table_name as table_name, t.scored_on,
        max(t.score) filter (where t.dimension = 'completeness') as completeness,
        max(t.score) filter (where t.dimension = 'uniqueness') as uniqueness,
        max(t.score) filter (where t.dimension = 'validity') as validity,
        max(t.score) filter (where t.dimension = 'consistency') as consistency,
        max(t.score) filter (where t.dimension = 'accuracy') as accuracy,
        max(t.score) filter (where t.dimension = 'timeliness') as timeliness,
        max(t.score) filter (where t.dimension = 'overall') as overall,
        max(t.change) filter (where t.dimension = 'overall') as change,
        max(t.average_7_days) filter (where t.dimension = 'overall') as average_7_days,
        max(t.average_30_days) filter (where t.dimension = 'overall') as average_30_days,
        max(s.rules) filter (where t.dimension = 'overall') as rules,
        max(s.rules_failed) filter (where t.dimension = 'overall') as failed,
        max(s.rules_errored) filter (where t.dimension = 'overall') as errored,
        max(s.rules_skipped) filter (where t.dimension = 'overall') as skipped,
        max(s.rules_not_run) filter (where t.dimension = 'overall') as not_run
    from (select * from quality.score_trends where {of_table}) as t
    inner join quality.table_scores as s
        on
            s.table_schema = t.table_schema and s.table_name = t.table_name and s.scored_on = t.scored_on
            and s.dimension = t.dimension
    inner join asked as a
        on a.table_schema = t.table_schema and a.table_name = t.table_name and a.scored_on = t.scored_on
    group by t.table_schema, t.table_name, t.scored_on
    order by t.table_schema, t.table_name, t.scored_on desc
""").format(asked=ASKED, of_table=OF_TABLE)
# The newest result of each rule of a table, the worst first.
RULES = sql.SQL("""
    with last_day as (
        select s.table_schema, s.table_name, max(s.scored_on) as scored_on
        from quality.table_scores as s
        where %(table)s in (s.table_name, s.table_schema || '.' || s.table_name)
        group by s.table_schema, s.table_name
    )
    select
        d.table_schema || '.' || d.table_name as table_name, r.rule_name as rule, r.dimension, r.column_name, r.weight,
        r.rows_tested, r.rows_failed, trunc(100 * r.passing_share, 2) as share, r.last_status as status, k.owner
    from last_day as d
    cross join lateral quality.rule_results(d.table_schema, d.table_name, d.scored_on) as r
    left join quality.rules as k on k.rule = r.rule and k.until is null
    order by d.table_schema, d.table_name, r.passing_share nulls first, r.rule_name
""")
# What moved the scores of each table's last day, or of each day since.
CHANGES = sql.SQL("""
    {asked}
    select
        c.table_schema || '.' || c.table_name as table_name, c.scored_on, c.previous_on, c.rule_name as rule,
        c.dimension, c.previous_status, c.status, c.previous_rows_failed, c.rows_failed, c.moved_by,
        c.overall_moved_by
    from asked as a
    cross join lateral (
        select s.*
        from quality.score_changes as s
        where s.table_schema = a.table_schema and s.table_name = a.table_name and s.scored_on = a.scored_on
        -- Apart, or all days would be compared before these are picked.
        offset 0
    ) as c
    order by c.scored_on desc, c.overall_moved_by, c.moved_by, c.rule_name
""").format(asked=ASKED)


@dataclass(frozen=True)
class Scores:
    """What ``atlas scores`` shows; each list holds rows by column name, scores from 0 to 100 and None if unmeasured.

    Attributes:
        scores: a row a table: its last day, or each day that was asked for.
        rules: the results behind one table's last day; empty if no table was asked for.
        changes: which rules moved these scores since the day before that was scored.
    """

    scores: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    changes: list[dict[str, Any]]


def read_scores(connection: Connection[TupleRow], *, table: str | None = None, since: date | None = None) -> Scores:
    """Read scores of all tables, or of one (``schema.table``, or just ``table``); by default their last day's.

    Raises:
        UsageError: no such table was ever scored.
    """
    arguments = {"table": table, "since": since}
    if table is not None and not _is_scored(connection, table):
        raise UsageError(f"No table {table!r} has been scored; atlas scores lists those that have.")
    return Scores(
        scores=_rows(connection, SCORES, arguments),
        rules=_rows(connection, RULES, arguments) if table is not None else [],
        changes=_rows(connection, CHANGES, arguments),
    )


def _is_scored(connection: Connection[TupleRow], table: str) -> bool:
    try:
        found = connection.execute(
            "select exists (select from quality.table_scores as s"
            " where %(table)s in (s.table_name, s.table_schema || '.' || s.table_name))",
            {"table": table},
        ).fetchone()
    except UnicodeEncodeError:
        return False
    return found == (True,)


def _rows(
    connection: Connection[TupleRow], query: sql.SQL | sql.Composed, arguments: Mapping[str, Any]
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, arguments).fetchall()
