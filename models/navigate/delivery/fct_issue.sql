with issues as (
    select * from {{ ref('issues') }}
),

issue_stays as (
    select * from {{ ref('issue_stays') }}
),

preceded as (
    select
        issue_stays.*,
        lag(issue_stays.status_category) over (partition by issue_stays.issue_id order by issue_stays.stay_number)
            as preceding_category
    from issue_stays
),

-- Times are of stays that are over: how long the present one has lasted depends on who looks.
summed as (
    select
        issue_id,
        {% for category in ['open', 'in_progress', 'done'] -%}
        coalesce(sum(case when status_category = '{{ category }}' then stayed_s end), 0) as {{ category }}_s,
        {% endfor -%}
        coalesce(sum(case when status_category is null then stayed_s end), 0) as unknown_s,
        min(case when status_category = 'in_progress' then entered_at end) as started_at,
        max(case when left_at is null then entered_at end) as status_entered_at,
        count(case when preceding_category = 'done' and status_category in ('open', 'in_progress') then 1 end)
            as times_reopened
    from preceded
    group by issue_id
),

described as (
    select
        issues.issue_id,
        issues.system,
        issues.repository,
        issues.issue_name,
        issues.issue_type,
        issues.status,
        issues.status_category,
        issues.resolution,
        issues.author_id,
        issues.created_at as opened_at,
        summed.started_at,
        issues.resolved_at,
        summed.status_entered_at,
        summed.times_reopened,
        summed.open_s,
        summed.in_progress_s,
        summed.done_s,
        summed.unknown_s,
        {{ seconds_between('issues.created_at', 'issues.resolved_at') }} as lead_time_s,
        {{ seconds_between('summed.started_at', 'issues.resolved_at') }} as cycle_time_s
    from issues
    left outer join summed on issues.issue_id = summed.issue_id
)

select * from described
