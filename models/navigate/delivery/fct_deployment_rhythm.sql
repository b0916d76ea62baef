{#- By which units the rhythm of a period is told: a week has no median of months. -#}
{%- set units_of = {'week': ['week'], 'month': ['week', 'month'], 'quarter': ['week', 'month'],
    'all': ['week', 'month', 'half_year']} -%}
with units as (
    select * from {{ ref('dim_delivery_period') }}
    where period in ('week', 'month', 'half_year')
),

deployment_scopes as (
    select * from {{ ref('bridge_deployment_scope') }}
    where status = 'success'
),

days as (
    select distinct
        scope,
        scope_name,
        deployed_on
    from deployment_scopes
),

spans as (
    select
        scope,
        scope_name,
        min(deployed_on) as first_on,
        max(deployed_on) as last_on
    from days
    group by scope, scope_name
),

placed as (
    {% for unit in ['week', 'month', 'half_year'] -%}
    select
        scope,
        scope_name,
        deployed_on,
        {{ period_name(unit, 'deployed_on') }} as period_name
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- From the first success to the last, units without any included. A week belongs to the period of its Thursday, as
-- ISO 8601 has it for years.
counted as (
    select
        units.scope,
        units.scope_name,
        units.period as unit,
        {{ counts_on('units.period', 'units.starts_on') }} as counts_on,
        count(placed.deployed_on) as days
    from units
    inner join spans
        on
            units.scope = spans.scope
            and units.scope_name = spans.scope_name
            and units.starts_on <= spans.last_on
            and units.ends_on >= spans.first_on
    left outer join placed
        on
            units.scope = placed.scope
            and units.scope_name = placed.scope_name
            and units.period_name = placed.period_name
    group by units.scope, units.scope_name, units.period, units.starts_on
),

windows as (
    {% for period, units in units_of.items() -%}
    select
        scope,
        scope_name,
        {{ period_name(period, 'counts_on') }} as period_name,
        unit,
        days
    from counted
    where unit in ('{{ units | join("', '") }}')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rhythms as (
    select
        scope,
        scope_name,
        period_name,
        {{ percentile_cont("case when unit = 'week' then days end", 0.5) }} as days_per_week,
        {{ percentile_cont("case when unit = 'month' then days end", 0.5) }} as days_per_month,
        {{ percentile_cont("case when unit = 'half_year' then days end", 0.5) }} as days_per_half_year
    from windows
    group by scope, scope_name, period_name
)

select * from rhythms
