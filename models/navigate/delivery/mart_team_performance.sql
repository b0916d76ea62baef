{%- set metrics = [
    {'name': 'pull_requests_opened', 'unit': 'pull_requests', 'kind': 'count'},
    {'name': 'pull_requests_merged', 'unit': 'pull_requests', 'kind': 'count'},
    {'name': 'issues_resolved', 'unit': 'issues', 'kind': 'count', 'shortage': 'no_issues'},
    {'name': 'reviews', 'unit': 'reviews', 'kind': 'count'},
    {'name': 'work_in_progress', 'unit': 'pull_requests', 'kind': 'count'},
    {'name': 'coding_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'pickup_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'review_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'merge_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'deploy_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'lead_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'review_wait', 'unit': 'seconds', 'kind': 'time', 'shortage': 'no_reviews'},
    {'name': 'age_of_work', 'unit': 'days', 'kind': 'time', 'shortage': 'nothing_open'},
    {'name': 'review_load', 'unit': 'reviews', 'kind': 'people', 'shortage': 'no_reviews'},
    {'name': 'largest_review_share', 'unit': 'share', 'kind': 'people', 'shortage': 'no_reviews'},
    {'name': 'authors', 'unit': 'people', 'kind': 'people', 'shortage': 'no_commits'},
    {'name': 'authors_of_half', 'unit': 'people', 'kind': 'people', 'shortage': 'no_commits'},
] -%}
with periods as (
    select * from {{ ref('dim_work_period') }}
),

work_periods as (
    select * from {{ ref('fct_work_period') }}
),

people_periods as (
    select * from {{ ref('fct_people_period') }}
),

metrics as (
    {% for metric in metrics -%}
    select
        '{{ metric.name }}' as metric,
        '{{ metric.unit }}' as unit,
        '{{ metric.kind }}' as kind,
        '{{ metric.shortage | default('no_pull_requests') }}' as shortage
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Who resolves issues needn't be known to any service of pull requests.
asked as (
    select
        periods.*,
        metrics.*,
        case when metrics.metric = 'issues_resolved' then periods.issues_measured_on else periods.measured_on end
            as known_on
    from periods
    cross join metrics
),

-- Between the first day that services tell of and the last, none is a number.
figures as (
    select
        asked.scope,
        asked.scope_name,
        asked.period,
        asked.period_name,
        asked.starts_on,
        asked.ends_on,
        asked.metric,
        asked.unit,
        case asked.kind
            when 'count' then coalesce(work_periods.allocated, case when asked.known_on is not null then 0 end)
            when 'time' then work_periods.amount
            else people_periods.figure
        end as figure,
        case asked.kind when 'time' then work_periods.amount_p90 when 'people' then people_periods.p90 end as p90,
        case asked.kind when 'time' then work_periods.amount_mean end as mean,
        coalesce(work_periods.n, people_periods.n, 0) as n,
        coalesce(work_periods.allocated, people_periods.allocated, 0) as allocated,
        coalesce(work_periods.excluded, 0) as excluded,
        case asked.kind
            when 'time' then cast(work_periods.n as double precision) / nullif(work_periods.candidates, 0)
        end as coverage,
        case
            when asked.kind = 'count' and asked.known_on is null then asked.shortage
            when asked.kind = 'time' and work_periods.metric is null then asked.shortage
            when asked.kind = 'time' and work_periods.n = 0 then 'not_timed'
            when asked.kind = 'people' and people_periods.metric is null then asked.shortage
            when asked.kind <> 'count' and {{ too_few('coalesce(work_periods.n, people_periods.n)') }} then 'too_few'
        end as reason
    from asked
    left outer join work_periods
        on
            {{ same_period('asked', 'work_periods') }}
            and asked.metric = work_periods.metric
    left outer join people_periods
        on
            {{ same_period('asked', 'people_periods') }}
            and asked.metric = people_periods.metric
),

performance as (
    select
        scope,
        scope_name,
        period,
        period_name,
        starts_on,
        ends_on,
        metric,
        unit,
        case when reason is null then figure end as value,
        case when reason is null then p90 end as p90,
        case when reason is null then mean end as mean,
        n,
        allocated,
        excluded,
        coverage,
        reason
    from figures
)

select * from performance
