-- Fails if a branch's history has holes: whatever leads to a commit leads to its parents (a shallow clone aside).
{{
    config(
        fail_calc='sum(failed)',
        severity='warn',
        meta={'quality_dimension': 'consistency', 'table': 'fct_commit'}
    )
}}

with commits as (
    select * from {{ ref('fct_commit') }}
),

links as (
    {{ unnested('commits', ['repository', 'is_reachable'], 'parent_hashes', 'parent_hash') }}
)

select
    count(*) as tested,
    count(case when parents.is_reachable is null or not parents.is_reachable then 1 end) as failed
from links
left outer join commits as parents on links.repository = parents.repository and links.parent_hash = parents.commit_hash
where links.is_reachable
