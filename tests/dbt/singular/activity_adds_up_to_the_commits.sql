-- Fails if the monthly figures leave out commits or count some of them twice.
{{
    config(
        fail_calc='sum(failed)',
        meta={'quality_dimension': 'consistency', 'table': 'mart_commit_activity'}
    )
}}

with activity as (
    select
        repository,
        sum(commits) as commits
    from {{ ref('mart_commit_activity') }}
    group by repository
),

repositories as (
    select * from {{ ref('mart_repository') }}
)

select
    count(*) as tested,
    count(case when repositories.commits <> coalesce(activity.commits, 0) then 1 end) as failed
from repositories
left outer join activity on repositories.repository = activity.repository
