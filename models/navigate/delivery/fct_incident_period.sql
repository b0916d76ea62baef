{%- set figure_periods = ['week', 'month', 'quarter', 'all'] -%}
with delivery_periods as (
    select * from {{ ref('dim_delivery_period') }}
    where period <> 'half_year'
),

incidents as (
    select * from {{ ref('fct_incident') }}
    where issue_id is not null
),

incident_scopes as (
    select * from {{ ref('bridge_incident_scope') }}
),

incident_sources as (
    select * from {{ ref('incident_sources') }}
),

organisations as (
    select * from {{ ref('repository_organisations') }}
),

linked as (
    select distinct issue_id
    from incidents
    where deployment_id is not null
),

-- An incident counts for when it began.
placed as (
    {% for period in figure_periods -%}
    select
        scope,
        scope_name,
        issue_id,
        {{ period_name(period, 'opened_on') }} as period_name,
        restore_s,
        share
    from incident_scopes
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        placed.scope,
        placed.scope_name,
        placed.period_name,
        count(*) as opened,
        count(linked.issue_id) as linked,
        count(placed.restore_s) as resolved,
        {{ ordered_sum('case when placed.restore_s is not null then placed.share end') }} as resolved_allocated,
        {{ percentile_cont('placed.restore_s', 0.5) }} as restore_s,
        {{ percentile_cont('placed.restore_s', 0.9) }} as restore_p90_s,
        avg(placed.restore_s) as restore_mean_s
    from placed
    left outer join linked on placed.issue_id = linked.issue_id
    group by placed.scope, placed.scope_name, placed.period_name
),

-- Nobody can tell whose these are.
homeless as (
    {% for period in figure_periods -%}
    select {{ period_name(period, utc_date('opened_at')) }} as period_name
    from incidents
    where repository is null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

unlinked as (
    select
        period_name,
        count(*) as incidents
    from homeless
    group by period_name
),

watched as (
    select
        'repository' as scope,
        repository as scope_name
    from incident_sources
    union
    select
        'organisation' as scope,
        organisations.organisation as scope_name
    from incident_sources
    inner join organisations on incident_sources.repository = organisations.repository
),

-- Who reads the issues of any repository may find those of a team; who reads Jira's, those of everybody.
sources as (
    select
        count(*) as any_sources,
        count(case when repository = '*' then 1 end) as common_sources
    from incident_sources
),

gathered as (
    select
        delivery_periods.scope,
        delivery_periods.scope_name,
        delivery_periods.period_name,
        coalesce(counted.opened, 0) as opened,
        coalesce(counted.linked, 0) as linked,
        coalesce(counted.resolved, 0) as resolved,
        coalesce(counted.resolved_allocated, 0) as resolved_allocated,
        counted.restore_s,
        counted.restore_p90_s,
        counted.restore_mean_s,
        coalesce(unlinked.incidents, 0) as unlinked,
        watched.scope is not null
        or sources.common_sources > 0
        or (delivery_periods.scope = 'team' and sources.any_sources > 0) as is_watched
    from delivery_periods
    left outer join counted
        on
            {{ same_period('delivery_periods', 'counted') }}
    left outer join unlinked on delivery_periods.period_name = unlinked.period_name
    left outer join watched
        on delivery_periods.scope = watched.scope and delivery_periods.scope_name = watched.scope_name
    cross join sources
)

select * from gathered
