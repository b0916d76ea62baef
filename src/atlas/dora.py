"""The DORA metrics as ``mart_dora`` has them, and what is behind each figure; docs/guides/delivery.md defines them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
# The deployments of a period, each with the one before it, so that git can tell what lies between.
DEPLOYMENTS = """
    select d.repository, d.deployment_number as number, d.name, d.commit_hash, d.deployed_at, d.evidence, d.status,
        d.is_baseline, d.commits, d.merge_commits, s.share
    from navigate.bridge_deployment_scope as s
    inner join navigate.fct_deployment as d on d.deployment_id = s.deployment_id
    where
        s.scope = %(scope)s and s.scope_name = %(scope_name)s and {when}
    order by d.deployed_at, d.repository, d.deployment_number
"""
IN_PERIOD = "s.deployed_on between %(starts_on)s and %(ends_on)s"
# A week belongs to the period of its Thursday: its own days may lie before or after that period.
IN_WEEKS = """
    s.status = 'success' and (
        %(period_name)s = 'all'
        or s.deployed_on + 4 - extract(isodow from s.deployed_on)::integer between %(starts_on)s and %(ends_on)s
    )
"""
CHANGES = """
    select c.repository, c.commit_hash, d.name as deployment, c.authored_at, c.deployed_at, c.lead_time_s,
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
    select d.repository, d.name as deployment, d.commit_hash, d.deployed_at, i.evidence, i.issue_name, i.reverted_hash,
        i.revert_hash, i.hotfix_hash, r.name as restored_by, i.restored_at, i.recovery_s, s.share
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
        string_agg(d.repository || ' ' || d.name, ', ' order by d.deployed_at, d.repository, d.name) as deployments,
        s.share
    from navigate.bridge_incident_scope as s
    inner join navigate.fct_incident as i on i.issue_id = s.issue_id
    left join navigate.fct_deployment as d on d.deployment_id = i.deployment_id
    where
        s.scope = %(scope)s and s.scope_name = %(scope_name)s
        and s.opened_on between %(starts_on)s and %(ends_on)s
    group by i.issue_name, i.opened_at, i.resolved_at, s.restore_s, s.share
    order by i.opened_at, i.issue_name
"""


@dataclass(frozen=True)
class Explanation:
    """A figure, and the rows that it was made of.

    Attributes:
        figure: the row of ``mart_dora``.
        rows: deployments, commits, incidents, or deployments with what shows that they failed.
        rule: how the figure comes of the rows.
        checks: commands by which git says the same of the first of them.
    """

    figure: dict[str, Any]
    rows: list[dict[str, Any]]
    rule: str
    checks: list[str]


TAGS = "git for-each-ref --sort=creatordate --format='%(creatordate:iso-strict) %(refname:strip=2)' refs/tags"
FIRST_TAG = "git tag --contains {} --sort=creatordate --format='%(creatordate:iso-strict) %(refname:strip=2)'"
RULES = {
    "deployment_frequency": "the shares of the deployments below whose status is success, added up.",
    "deployment_days_per_week": (
        "the median of the days (UTC) with a success below, over the ISO weeks whose Thursday lies in the period, from"
        " that of the first success that there ever was to that of the last; a week without any counts as 0."
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
    query = {
        "deployment_frequency": DEPLOYMENTS.format(when=IN_PERIOD),
        "deployment_days_per_week": DEPLOYMENTS.format(when=IN_WEEKS),
        "lead_time_for_changes": CHANGES,
        "change_failure_rate": FAILURES.format(join="left join"),
        "failed_deployment_recovery_time": FAILURES.format(join="inner join"),
        "time_to_restore_service": INCIDENTS,
    }[metric]
    # Only others than a repository have several of them, and only a team has less than the whole.
    needless = {"repository": ("repository", "share"), "organisation": ("share",)}.get(scope, ())
    rows = [
        {column: value for column, value in row.items() if column not in needless}
        for row in _rows(connection, query, found[0])
    ]
    return Explanation(found[0], rows, RULES[metric], _checks(metric, rows))


def _checks(metric: str, rows: list[dict[str, Any]]) -> list[str]:
    """What git says of the first row; of the tags that contain a commit, the first release is what shipped it."""
    if metric == "lead_time_for_changes":
        shown = [row["commit_hash"] for row in rows[:1]]
        return [f"git show -s --format='%aI %H' {name}" for name in shown] + [FIRST_TAG.format(name) for name in shown]
    if metric == "time_to_restore_service":
        return []
    if metric in ("change_failure_rate", "failed_deployment_recovery_time"):
        return _checks_of_failures(rows)
    return [TAGS]


def _checks_of_failures(rows: list[dict[str, Any]]) -> list[str]:
    """What git says of the first revert and of the first hotfix; of incidents and rollbacks it knows nothing."""
    checks = []
    for row in [row for row in rows if row["evidence"] == "revert"][:1]:
        checks += [
            f"git show -s --format=%B {row['revert_hash']}",
            FIRST_TAG.format(row["reverted_hash"]),
            FIRST_TAG.format(row["revert_hash"]),
        ]
    for row in [row for row in rows if row["evidence"] == "hotfix"][:1]:
        # Without a commit, it is the name of the release that says so.
        name = row["hotfix_hash"]
        checks += [f"git show -s --format='%s' {name}", FIRST_TAG.format(name)] if name else [TAGS]
    return checks


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
