"""The DORA metrics as ``mart_dora`` has them, and what is behind each figure; docs/guides/delivery.md defines them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

from atlas.dora_checks import Check, checks_of
from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from psycopg import Connection
    from psycopg.rows import TupleRow

METRICS = (
    "deployment_frequency",
    "deployment_days_per_week",
    "lead_time_for_changes",
    "change_failure_rate",
    "failed_deployment_recovery_time",
    "time_to_restore_service",
)
PERIOD_NAME = re.compile(r"all|[0-9]{4}-(W[0-9]{2}|Q[1-4]|[0-9]{2})")

# What nobody looks for isn't shown: without a source of incidents, the time to restore is unknown everywhere.
FIGURES = """
    select
        scope, scope_name, period_name, starts_on, ends_on, metric, unit, value, p90, mean, n, allocated, excluded,
        coverage, band_2021, band_2023, reason
    from navigate.mart_dora
    where
        scope = %(scope)s and period = %(period)s and (%(name)s::text is null or scope_name = %(name)s)
        and metric = any(%(metrics)s)
        and (metric <> 'time_to_restore_service' or reason is distinct from 'no_incidents_source')
    order by scope_name, starts_on, array_position(%(metrics)s, metric)
"""
FIGURE = """
    select
        scope, scope_name, period_name, starts_on, ends_on, metric, unit, value, p90, mean, n, allocated, excluded,
        coverage, band_2021, band_2023, reason
    from navigate.mart_dora
    where scope = %(scope)s and scope_name = %(name)s and period_name = %(period_name)s and metric = %(metric)s
"""
# A name needn't tell deployments apart, for services have many of one branch; the number does, within a repository.
DEPLOYMENTS = """
    select d.repository, d.deployment_number as number, d.name, d.system, d.commit_hash, d.deployed_at, d.evidence,
        d.status, d.is_baseline, d.commits, d.merge_commits, {counts_for}s.share
    from navigate.bridge_deployment_scope as s
    inner join navigate.fct_deployment as d on d.deployment_id = s.deployment_id
    where
        s.scope = %(scope)s and s.scope_name = %(scope_name)s and ({when})
    order by d.deployed_at, d.repository, d.deployment_number
"""
IN_PERIOD = "s.deployed_on between %(starts_on)s and %(ends_on)s"
# A week belongs to the period of its Thursday: its own days may lie before or after that period.
IN_WEEKS = """(
    %(period_name)s = 'all'
    or s.deployed_on + 4 - extract(isodow from s.deployed_on)::integer between %(starts_on)s and %(ends_on)s
)"""
FREQUENCY = DEPLOYMENTS.format(when=IN_PERIOD, counts_for="")
DAYS_PER_WEEK = DEPLOYMENTS.format(
    when=f"s.status = 'success' and ({IN_PERIOD} or {IN_WEEKS})",
    counts_for=f"case when not {IN_WEEKS} then 'n' when {IN_PERIOD} then 'value, n' else 'value' end as counts_for, ",
)
SUCCESSES = """
    select min(deployed_on), max(deployed_on) from navigate.bridge_deployment_scope
    where scope = %(scope)s and scope_name = %(scope_name)s and status = 'success'
"""
CHANGES = """
    select c.repository, c.commit_hash, d.deployment_number as number, d.name as deployment, d.system,
        d.commit_hash as deployed_hash, c.authored_at, c.deployed_at, c.lead_time_s,
        case
            when c.lead_time_s is null then 'unknown' when c.lead_time_s < 0 then 'excluded: negative' else 'counted'
        end as counted,
        coalesce(t.allocation, s.share) as share
    from navigate.bridge_deployment_scope as s
    inner join navigate.fct_deployment as d on d.deployment_id = s.deployment_id
    inner join navigate.fct_commit_deployment as c on c.deployment_id = d.deployment_id
    left join navigate.bridge_commit_team as t
        on s.scope = 'team' and t.team = s.scope_name and t.repository = c.repository and t.commit_hash = c.commit_hash
    where
        s.scope = %(scope)s and s.scope_name = %(scope_name)s
        and s.deployed_on between %(starts_on)s and %(ends_on)s
        and not c.is_merge and not c.is_baseline and (s.scope <> 'team' or t.team is not null)
    order by c.lead_time_s, c.repository, c.commit_hash
"""
FAILURES = """
    select d.repository, d.deployment_number as number, d.name as deployment, d.system, d.commit_hash, d.deployed_at,
        i.evidence, i.issue_name, i.reverted_hash, i.revert_hash, i.hotfix_hash,
        r.deployment_number as restored_by_number, r.name as restored_by, i.restored_at, i.recovery_s, s.share
    from navigate.bridge_deployment_scope as s
    inner join navigate.fct_deployment as d on d.deployment_id = s.deployment_id
    {join} navigate.fct_incident as i on i.deployment_id = d.deployment_id
    left join navigate.fct_deployment as r on r.deployment_id = i.restored_by
    where
        s.scope = %(scope)s and s.scope_name = %(scope_name)s
        and s.deployed_on between %(starts_on)s and %(ends_on)s and not d.is_baseline
    order by d.deployed_at, d.repository, d.deployment_number, i.restored_at nulls last, i.revert_hash, i.issue_name
"""
INCIDENTS = """
    select i.issue_name, i.opened_at, i.resolved_at, s.restore_s,
        string_agg(
            case when d.deployment_id is not null then format(
                '%%s: %%s %%s of %%s, %%s (%%s)', d.repository, d.deployment_number, d.name,
                to_char(d.deployed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), left(d.commit_hash, 12), d.system
            ) end,
            '; ' order by d.deployed_at, d.repository, d.deployment_number
        ) as deployments,
        s.share
    from navigate.bridge_incident_scope as s
    inner join navigate.fct_incident as i on i.issue_id = s.issue_id
    left join navigate.fct_deployment as d on d.deployment_id = i.deployment_id
    where
        s.scope = %(scope)s and s.scope_name = %(scope_name)s
        and s.opened_on between %(starts_on)s and %(ends_on)s
    group by i.issue_id, i.issue_name, i.opened_at, i.resolved_at, s.restore_s, s.share
    order by i.opened_at, i.issue_name
"""
# Those of the period that name no deployment: of whomever the figure is, and, in Jira, of nobody knows whom.
UNLINKED = """
    select i.issue_name, i.repository, i.opened_at, i.resolved_at
    from navigate.fct_incident as i
    where
        i.issue_id is not null and i.deployment_id is null
        and (
            i.repository is null
            or exists (
                select from navigate.bridge_incident_scope as s
                where s.scope = %(scope)s and s.scope_name = %(scope_name)s and s.issue_id = i.issue_id
            )
        )
        and (
            %(period_name)s = 'all'
            or (i.opened_at at time zone 'UTC')::date between %(starts_on)s and %(ends_on)s
        )
    order by i.opened_at, i.issue_name
"""
QUERIES = {
    "deployment_frequency": FREQUENCY,
    "deployment_days_per_week": DAYS_PER_WEEK,
    "lead_time_for_changes": CHANGES,
    "change_failure_rate": FAILURES.format(join="left join"),
    "failed_deployment_recovery_time": FAILURES.format(join="inner join"),
    "time_to_restore_service": INCIDENTS,
}


@dataclass(frozen=True)
class Explanation:
    """A figure, and the rows that it was made of.

    Attributes:
        figure: the row of ``mart_dora``.
        rows: deployments, commits, incidents, or deployments with what shows that they failed.
        rule: how the figure comes of the rows.
        why_not: why it is unknown all the same, or has no band; None if neither.
        unlinked: the incidents that are why nobody knows, since none of them names a deployment.
        first_success_on: of days per week, the day of the first success that there ever was; else None.
        last_success_on: likewise the last.
        checks: commands by which git says the same of the first of the rows that count.
    """

    figure: dict[str, Any]
    rows: list[dict[str, Any]]
    rule: str
    why_not: str | None
    unlinked: list[dict[str, Any]] = field(default_factory=list)
    first_success_on: date | None = None
    last_success_on: date | None = None
    checks: list[Check] = field(default_factory=list)


RULES = {
    "deployment_frequency": "the shares of the deployments below whose status is success, added up.",
    "deployment_days_per_week": (
        "the median of the days (UTC) with a success that counts for the value below, over the ISO weeks whose Thursday"
        " lies in the period, from that of the first success that there ever was to that of the last; a week without"
        " any counts as 0. n are those on days of the period."
    ),
    "lead_time_for_changes": (
        "the median lead_time_s of the commits below that are counted. Of pull requests, stage by stage:"
        " navigate.mart_team_performance, from coding_time to lead_time."
    ),
    "change_failure_rate": (
        "the shares of the deployments below with something in evidence, each once, divided by those of all of them."
    ),
    "failed_deployment_recovery_time": "the median of recovery_s, of each deployment below its least.",
    "time_to_restore_service": "the median restore_s of the incidents below.",
}
WHY_NOT = {
    "no_deployments": "there was no deployment in the period, so there is nothing to tell it by.",
    "only_baseline": "only the baseline lies in the period, and nobody knows what that shipped or whether it failed.",
    "no_changes": "no change below has a lead time that counts.",
    "no_failures": "no deployment of the period failed, so none was mended.",
    "not_restored": "nothing that failed or broke in the period is mended yet.",
    "no_whole_week": "no week whose Thursday lies in the period is one from the first success to the last.",
    "no_incidents_source": "nothing that is collected would tell of a failure or an incident: it isn't 0.",
    "no_incidents": "incidents are collected, and none of them began in the period.",
    "unlinked": (
        "incidents began in the period, and none of them names a deployment that is known, so nobody can tell what they"
        " come to: it isn't 0."
    ),
    "too_few": "n is below 5, and a statistic of so few says nothing.",
}


def read_figures(
    connection: Connection[TupleRow], *, scope: str = "repository", name: str | None = None, period: str = "all"
) -> list[dict[str, Any]]:
    """Figures of all repositories, teams or organisations, or of one, for each period of a kind.

    Args:
        connection: to the database.
        scope: ``repository``, ``team`` or ``organisation``.
        name: of the repository, team or organisation; None for all of them.
        period: ``week``, ``month``, ``quarter`` or ``all``.

    Raises:
        UsageError: nothing was built yet, the login may not see names, or nothing has that name.
    """
    _require_mart(connection)
    if name is not None:
        _require_name(connection, scope, name)
    arguments = {"scope": scope, "name": name, "period": period, "metrics": list(METRICS)}
    return _rows(connection, FIGURES, arguments)


def explain(
    connection: Connection[TupleRow], name: str, metric: str, period_name: str, *, scope: str = "repository"
) -> Explanation:
    """What a figure was made of.

    Args:
        connection: to the database.
        name: of the repository as it was collected, of the team or of the organisation.
        metric: one of METRICS; hyphens do for underscores.
        period_name: as the mart names it: ``2024-W10``, ``2024-03``, ``2024-Q1`` or ``all``.
        scope: ``repository``, ``team`` or ``organisation``.

    Raises:
        UsageError: one of these isn't known, there is no such period, or the login may not see what is behind it.
    """
    metric = metric.replace("-", "_")
    if metric not in METRICS:
        raise UsageError(f"No metric {metric!r}. Known: {', '.join(METRICS)}.")
    if not PERIOD_NAME.fullmatch(period_name):
        raise UsageError(f"A period is named like 2024-W10, 2024-03, 2024-Q1 or all, not {period_name!r}.")
    _require_mart(connection)
    _require_name(connection, scope, name)
    key = {"scope": scope, "name": name, "period_name": period_name, "metric": metric}
    found = _rows(connection, FIGURE, key)
    if not found:
        raise UsageError(f"{name} has no figures for {period_name}: deployments and incidents aren't of that time.")
    figure = found[0]
    # Only others than a repository have several of them, and only a team has less than the whole.
    needless = {"repository": ("repository", "share"), "organisation": ("share",)}.get(scope, ())
    rows = [
        {column: value for column, value in row.items() if column not in needless}
        for row in _rows(connection, QUERIES[metric], figure)
    ]
    first, last = None, None
    if metric == "deployment_days_per_week":
        ((first, last),) = connection.execute(SUCCESSES, figure).fetchall()
    return Explanation(
        figure=figure,
        rows=rows,
        rule=RULES[metric],
        why_not=WHY_NOT.get(figure["reason"]),
        unlinked=_rows(connection, UNLINKED, figure) if figure["reason"] == "unlinked" else [],
        first_success_on=first,
        last_success_on=last,
        checks=checks_of(connection, metric, rows, name if scope == "repository" else None),
    )


def _require_mart(connection: Connection[TupleRow]) -> None:
    if connection.execute("select to_regclass('navigate.mart_dora')").fetchone() == (None,):
        raise UsageError(
            "There are no figures yet. Collect a repository and build: atlas collect git PATH && atlas build"
        )
    # No name is NULL but by its mask.
    masked = "select exists (select from navigate.mart_dora where scope_name is null), session_user::text"
    ((is_masked, login),) = connection.execute(masked).fetchall()
    if is_masked:
        raise UsageError(
            f"Names of repositories are internal, and {login} isn't cleared for that."
            f" Whoever manages the roles can type: atlas roles grant {login} internal --expires 90d"
        )


def _require_name(connection: Connection[TupleRow], scope: str, name: str) -> None:
    query = "select distinct scope_name from navigate.mart_dora where scope = %s order by 1"
    known = [found for (found,) in connection.execute(query, [scope])]
    if name not in known:
        of = "an" if scope == "organisation" else "a"
        raise UsageError(f"No figures of {of} {scope} {name!r}. Known: {', '.join(known) or 'none'}.")


def _rows(connection: Connection[TupleRow], query: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.SQL(query), arguments).fetchall()
