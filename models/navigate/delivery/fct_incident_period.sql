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
    {{ in_periods(
        'incident_scopes', ['scope', 'scope_name', 'issue_id', 'restore_s', 'share'], 'opened_on', figure_periods
    ) }}
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
        {{ median_p90_mean('placed.restore_s', 'restore', '_s') }}
    from placed
    left outer join linked on placed.issue_id = linked.issue_id
    group by placed.scope, placed.scope_name, placed.period_name
),

-- Nobody can tell whose these are.
homeless as (
    select {{ utc_date('opened_at') }} as opened_on
    from incidents
    where repository is null
),

placed_homeless as (
    {{ in_periods('homeless', ['opened_on'], 'opened_on', figure_periods) }}
),

unlinked as (
    select
        period_name,
        count(*) as incidents
    from placed_homeless
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
