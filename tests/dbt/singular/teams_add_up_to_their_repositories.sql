-- Fails if what all teams have, nobody's included, isn't what the repositories have: something would be counted twice.
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'consistency', 'table': 'mart_dora'}) }}

with figures as (
    select * from {{ ref('mart_dora') }}
    where period_name = 'all' and metric <> 'time_to_restore_service'
),

totals as (
    select
        metric,
        sum(case when scope = 'repository' then allocated else 0 end) as of_repositories,
        sum(case when scope = 'team' then allocated else 0 end) as of_teams,
        count(case when scope = 'team' then 1 end) as teams
    from figures
    group by metric
)

select
    count(*) as tested,
    count(case when abs(of_repositories - of_teams) > 0.000001 * greatest(1, of_repositories) then 1 end) as failed
from totals
where teams > 0
