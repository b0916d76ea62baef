-- Fails if what all teams did, nobody's included, isn't what was done in the repositories.
{{
    config(
        fail_calc='sum(failed)',
        meta={'quality_dimension': 'consistency', 'table': 'mart_team_performance'},
        tags=['collaboration']
    )
}}

with figures as (
    select * from {{ ref('mart_team_performance') }}
    where metric <> 'issues_resolved'
),

teams as (
    select count(*) as figures
    from figures
    where scope = 'team'
),

totals as (
    select
        period_name,
        metric,
        sum(case when scope = 'repository' then allocated else 0 end) as of_repositories,
        sum(case when scope = 'team' then allocated else 0 end) as of_teams
    from figures
    group by period_name, metric
),

differences as (
    select
        totals.of_repositories,
        abs(totals.of_repositories - totals.of_teams) as difference
    from totals
    inner join teams on teams.figures > 0
)

select
    count(*) as tested,
    count(case when difference > 0.000001 * greatest(1, of_repositories) then 1 end) as failed
from differences
