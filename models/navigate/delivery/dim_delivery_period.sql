with ref_events as (
    select * from {{ ref('ref_events') }}
),

hosted_repositories as (
    select * from {{ ref('hosted_repositories') }}
),

deployment_scopes as (
    select * from {{ ref('bridge_deployment_scope') }}
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

spans as (
    select
        scope,
        scope_name,
        min(deployed_on) as first_on,
        max(deployed_on) as last_on
    from deployment_scopes
    group by scope, scope_name
),

days as (
    {{ calendar('spans', ['scope', 'scope_name'], 'first_on', 'last_on', 'day_on') }}
),

-- Those without any deployment, too: nothing happened in them.
cut as (
    {% for period in ['week', 'month', 'quarter', 'half_year'] -%}
    select distinct
        scope,
        scope_name,
        '{{ period }}' as period,
        {{ period_name(period, 'day_on') }} as period_name,
        {{ period_start(period, 'day_on') }} as starts_on,
        {{ period_end(period, period_start(period, 'day_on')) }} as ends_on
    from days
    union all
    {% endfor -%}
    select
        scopes.scope,
        scopes.scope_name,
        'all' as period,
        {{ period_name('all', 'spans.first_on') }} as period_name,
        spans.first_on as starts_on,
        spans.last_on as ends_on
    from scopes
    left outer join spans on scopes.scope = spans.scope and scopes.scope_name = spans.scope_name
)

select * from cut
