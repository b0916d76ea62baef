{#- Of which day a pull request counts for a metric, and with what. -#}
{%- set told_by_pull_requests = [
    ('pull_requests_opened', 'opened_on', '1'),
    ('pull_requests_merged', 'merged_on', '1'),
    ('coding_time', 'merged_on', 'coding_s'),
    ('pickup_time', 'merged_on', 'pickup_s'),
    ('review_time', 'merged_on', 'review_s'),
    ('merge_time', 'merged_on', 'merge_s'),
    ('deploy_time', 'merged_on', 'deploy_s'),
    ('lead_time', 'merged_on', 'lead_time_s'),
    ('review_wait', 'first_reviewed_on', 'pickup_s'),
] -%}
with work_scopes as (
    select * from {{ ref('bridge_work_scope') }}
),

pull_requests as (
    select
        *,
        {{ utc_date('first_reviewed_at') }} as first_reviewed_on
    from {{ ref('fct_pull_request') }}
    where not coalesce(is_by_bot, false)
),

repository_periods as (
    select * from {{ ref('dim_work_period') }}
    where scope = 'repository' and measured_on is not null
),

scoped_pull_requests as (
    select
        work_scopes.scope,
        work_scopes.scope_name,
        work_scopes.share,
        pull_requests.*
    from work_scopes
    inner join pull_requests
        on work_scopes.kind = 'pull_request' and work_scopes.work_id = pull_requests.pull_request_id
),

happened as (
    {% for metric, day, amount in told_by_pull_requests -%}
    select
        scope,
        scope_name,
        '{{ metric }}' as metric,
        share,
        {{ day }} as happened_on,
        cast({{ amount }} as double precision) as amount
    from scoped_pull_requests
    where {{ day }} is not null
    union all
    {% endfor -%}
    select
        scope,
        scope_name,
        case kind when 'review' then 'reviews' else 'issues_resolved' end as metric,
        share,
        last_on as happened_on,
        1 as amount
    from work_scopes
    where kind <> 'pull_request'
),

known_until as (
    select
        scope_name,
        max(measured_on) as last_on
    from repository_periods
    group by scope_name
),

-- What was closed on the day that it was opened was open at no day's end.
open_spans as (
    select
        pull_requests.pull_request_id,
        pull_requests.repository,
        pull_requests.opened_on,
        case
            when pull_requests.closed_on is null then known_until.last_on
            else cast(pull_requests.closed_on - interval '1' day as date)
        end as last_open_on
    from pull_requests
    inner join known_until on pull_requests.repository = known_until.scope_name
    where coalesce(pull_requests.closed_on > pull_requests.opened_on, true)
),

open_days as (
    {{ calendar('open_spans', ['pull_request_id', 'repository', 'opened_on'], 'opened_on', 'last_open_on', 'day_on') }}
),

-- What is open is counted at the end of a period; of the last one, on the last day that anything is known of the
-- repository, whoever's it is.
open_at_the_end as (
    select
        open_days.pull_request_id,
        repository_periods.period_name,
        {{ seconds_between('cast(open_days.opened_on as timestamp)', 'cast(open_days.day_on as timestamp)') }} / 86400
            as age_days
    from open_days
    inner join repository_periods
        on open_days.repository = repository_periods.scope_name and open_days.day_on = repository_periods.measured_on
),

scoped_open as (
    select
        work_scopes.scope,
        work_scopes.scope_name,
        work_scopes.share,
        open_at_the_end.period_name,
        open_at_the_end.age_days
    from work_scopes
    inner join open_at_the_end
        on work_scopes.kind = 'pull_request' and work_scopes.work_id = open_at_the_end.pull_request_id
),

measured as (
    {{ in_periods(
        'happened', ['scope', 'scope_name', 'metric', 'share', 'amount'], 'happened_on', ['week', 'month', 'quarter']
    ) }}
    {% for metric, amount in [('work_in_progress', '1'), ('age_of_work', 'age_days')] -%}
    union all
    select
        scope,
        scope_name,
        '{{ metric }}' as metric,
        share,
        {{ amount }} as amount,
        period_name
    from scoped_open
    {% endfor %}
),

-- Nothing takes less than no time: what is negative is a wrong clock's, or of a branch that was rewritten.
judged as (
    select
        *,
        case when amount >= 0 then amount end as counted_amount
    from measured
),

counted as (
    select
        scope,
        scope_name,
        period_name,
        metric,
        count(*) as candidates,
        count(counted_amount) as n,
        count(case when amount < 0 then 1 end) as excluded,
        coalesce({{ ordered_sum('case when counted_amount is not null then share end') }}, 0) as allocated,
        {{ median_p90_mean('counted_amount', 'amount') }}
    from judged
    group by scope, scope_name, period_name, metric
)

select * from counted
