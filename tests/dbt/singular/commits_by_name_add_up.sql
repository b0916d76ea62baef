-- Fails if a reachable commit stands under no name, or under two.
{{
    config(
        fail_calc='sum(failed)',
        meta={'quality_dimension': 'consistency', 'table': 'mart_commits_by_name'}
    )
}}

with named as (
    select coalesce(sum(commits), 0) as commits
    from {{ ref('mart_commits_by_name') }}
),

reachable as (
    select count(*) as commits
    from {{ ref('fct_commit') }}
    where is_reachable
)

select
    reachable.commits as tested,
    abs(reachable.commits - named.commits) as failed
from reachable
cross join named
