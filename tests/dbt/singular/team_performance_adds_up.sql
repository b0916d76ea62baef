-- Fails if what all teams did, nobody's included, isn't what was done in the repositories and, of issues, in none.
{{
    config(
        fail_calc='sum(failed)',
        meta={'quality_dimension': 'consistency', 'table': 'mart_team_performance'},
        tags=['collaboration']
    )
}}

with figures as (
    select * from {{ ref('mart_team_performance') }}
),

issues_of_no_repository as (
    select {{ utc_date('resolved_at') }} as resolved_on
    from {{ ref('fct_issue') }}
    where repository is null and resolved_at is not null
),

placed as (
    {{ in_periods('issues_of_no_repository', ['resolved_on'], 'resolved_on', ['week', 'month', 'quarter']) }}
),

teams as (
    select count(*) as figures
    from figures
    where scope = 'team'
),

pieces as (
    select
        period_name,
        metric,
        case when scope = 'repository' then allocated else 0 end as of_all,
        case when scope = 'team' then allocated else 0 end as of_teams
    from figures
    union all
    select
        period_name,
        'issues_resolved' as metric,
        1 as of_all,
        0 as of_teams
    from placed
),

totals as (
    select
        period_name,
        metric,
        sum(of_all) as of_all,
        sum(of_teams) as of_teams
    from pieces
    group by period_name, metric
),

differences as (
    select
        totals.of_all,
        abs(totals.of_all - totals.of_teams) as difference
    from totals
    inner join teams on teams.figures > 0
)

select
    count(*) as tested,
    count(case when difference > 0.000001 * greatest(1, of_all) then 1 end) as failed
from differences
