with ref_events as (
    select * from {{ ref('ref_events') }}
),

deployments as (
    select * from {{ ref('ordered_deployments') }}
),

repositories as (
    select repository from ref_events
    union
    select repository from deployments
),

spans as (
    select
        repository,
        min({{ utc_date('deployed_at') }}) as first_on,
        max({{ utc_date('deployed_at') }}) as last_on
    from deployments
    group by repository
),

days as (
    {{ calendar('spans', ['repository'], 'first_on', 'last_on', 'day_on') }}
),

-- Those without any deployment, too: nothing happened in them.
cut as (
    {% for period in ['week', 'month', 'quarter', 'half_year'] -%}
    select distinct
        repository,
        '{{ period }}' as period,
        {{ period_name(period, 'day_on') }} as period_name,
        {{ period_start(period, 'day_on') }} as starts_on,
        {{ period_end(period, period_start(period, 'day_on')) }} as ends_on
    from days
    union all
    {% endfor -%}
    select
        repositories.repository,
        'all' as period,
        {{ period_name('all', 'spans.first_on') }} as period_name,
        spans.first_on as starts_on,
        spans.last_on as ends_on
    from repositories
    left outer join spans on repositories.repository = spans.repository
)

select * from cut
