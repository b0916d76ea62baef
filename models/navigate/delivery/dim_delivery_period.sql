with ref_events as (
    select * from {{ ref('ref_events') }}
),

hosted_repositories as (
    select * from {{ ref('hosted_repositories') }}
),

deployment_scopes as (
    select * from {{ ref('bridge_deployment_scope') }}
),

incident_scopes as (
    select * from {{ ref('bridge_incident_scope') }}
),

organisations as (
    select * from {{ ref('dim_organisation') }}
    where repositories > 0
),

teams as (
    select * from {{ ref('dim_team') }}
    where not is_placeholder
),

scopes as (
    select
        scope,
        scope_name
    from deployment_scopes
    union
    select
        scope,
        scope_name
    from incident_scopes
    union
    select
        'repository' as scope,
        repository as scope_name
    from ref_events
    union
    select
        'repository' as scope,
        repository as scope_name
    from hosted_repositories
    union
    select
        'organisation' as scope,
        organisation as scope_name
    from organisations
    union
    select
        'team' as scope,
        team as scope_name
    from teams
),

known_days as (
    select
        scope,
        scope_name,
        deployed_on as day_on,
        deployed_on
    from deployment_scopes
    union all
    select
        scope,
        scope_name,
        opened_on as day_on,
        cast(null as date) as deployed_on
    from incident_scopes
),

-- An incident is known whenever it began, be it before the first deployment or after the last.
spans as (
    select
        scope,
        scope_name,
        min(day_on) as first_on,
        max(day_on) as last_on,
        min(deployed_on) as first_deployed_on,
        max(deployed_on) as last_deployed_on
    from known_days
    group by scope, scope_name
),

days as (
    {{ calendar('spans', ['scope', 'scope_name'], 'first_on', 'last_on', 'day_on') }}
),

placed as (
    {{ in_periods('days', ['scope', 'scope_name'], 'day_on', ['week', 'month', 'quarter', 'half_year'], bounds=true) }}
),

-- Those without any deployment, too: nothing happened in them.
cut as (
    select distinct
        scope,
        scope_name,
        period,
        period_name,
        starts_on,
        ends_on
    from placed
    union all
    select
        scopes.scope,
        scopes.scope_name,
        'all' as period,
        {{ period_name('all', 'spans.first_on') }} as period_name,
        spans.first_on as starts_on,
        spans.last_on as ends_on
    from scopes
    left outer join spans on scopes.scope = spans.scope and scopes.scope_name = spans.scope_name
),

-- Who wasn't seen to deploy before or after that may have done so unseen: nothing isn't 0 there.
periods as (
    select
        cut.*,
        coalesce(cut.ends_on >= spans.first_deployed_on and cut.starts_on <= spans.last_deployed_on, false)
            as is_measured
    from cut
    left outer join spans on cut.scope = spans.scope and cut.scope_name = spans.scope_name
)

select * from periods
