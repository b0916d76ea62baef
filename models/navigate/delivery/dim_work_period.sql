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

scoped_commits as (
    {{ commits_by_scope('commits', 'commit_teams', ['committed_on']) }}
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

-- A team that does nothing is told of as long as its repositories are.
spans as (
    select
        known_spans.scope,
        known_spans.scope_name,
        min(known_spans.first_on) as first_on,
        max(of_repositories.last_on) as last_on
    from known_spans
    inner join known_spans as of_repositories
        on of_repositories.scope = 'repository' and known_spans.repository = of_repositories.scope_name
    group by known_spans.scope, known_spans.scope_name
),

measured_days as (
    {{ calendar('spans', ['scope', 'scope_name'], 'first_on', 'last_on', 'day_on') }}
),

-- Services' clocks can be trusted to draw a calendar by; clocks of those who commit can't.
days as (
    select
        scope,
        scope_name,
        day_on,
        day_on as measured_on
    from measured_days
    union all
    select distinct
        scope,
        scope_name,
        committed_on as day_on,
        cast(null as date) as measured_on
    from scoped_commits
),

cut as (
    {{ in_periods(
        'days', ['scope', 'scope_name', 'measured_on'], 'day_on', ['week', 'month', 'quarter'], bounds=true
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
        max(measured_on) as measured_on
    from cut
    group by scope, scope_name, period, period_name, starts_on, ends_on
)

select * from periods
