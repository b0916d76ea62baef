with work_scopes as (
    select * from {{ ref('bridge_work_scope') }}
),

commits as (
    select * from {{ ref('fct_commit') }}
    where is_reachable and not is_merge and committed_at is not null
),

commit_teams as (
    select * from {{ ref('bridge_commit_team') }}
),

organisations as (
    select * from {{ ref('repository_organisations') }}
),

scoped_commits as (
    {{ commits_by_scope('commits', 'commit_teams', 'organisations', ['committed_on']) }}
),

known_spans as (
    select
        scope,
        scope_name,
        repository,
        min(first_on) as first_on,
        max(last_on) as last_on
    from work_scopes
    group by scope, scope_name, repository
),

-- Who does nothing is told of as long as the repositories are, and, if only of issues, as long as any are resolved.
places as (
    select
        repository,
        max(last_on) as last_on
    from known_spans
    group by repository
),

spans as (
    select
        known_spans.scope,
        known_spans.scope_name,
        known_spans.repository is not null as is_hosted,
        min(known_spans.first_on) as first_on,
        max(places.last_on) as last_on
    from known_spans
    inner join places
        on coalesce(known_spans.repository, '(no repository)') = coalesce(places.repository, '(no repository)')
    group by known_spans.scope, known_spans.scope_name, known_spans.repository is not null
),

measured_days as (
    {{ calendar('spans', ['scope', 'scope_name', 'is_hosted'], 'first_on', 'last_on', 'day_on') }}
),

-- Services' clocks can be trusted to draw a calendar by; clocks of those who commit can't.
days as (
    select
        scope,
        scope_name,
        day_on,
        case when is_hosted then day_on end as measured_on,
        day_on as issues_measured_on
    from measured_days
    union all
    select distinct
        scope,
        scope_name,
        committed_on as day_on,
        cast(null as date) as measured_on,
        cast(null as date) as issues_measured_on
    from scoped_commits
),

cut as (
    {{ in_periods(
        'days', ['scope', 'scope_name', 'measured_on', 'issues_measured_on'], 'day_on', ['week', 'month', 'quarter'], bounds=true
    ) }}
),

periods as (
    select
        scope,
        scope_name,
        period,
        period_name,
        starts_on,
        ends_on,
        max(measured_on) as measured_on,
        max(issues_measured_on) as issues_measured_on
    from cut
    group by scope, scope_name, period, period_name, starts_on, ends_on
)

select * from periods
