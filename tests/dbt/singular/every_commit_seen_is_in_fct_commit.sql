-- Fails if a commit that somebody wrote is missing from the fact table, and so from every figure made of it.
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness', 'table': 'fct_commit'}) }}

with seen as (
    select distinct
        repository,
        commit_hash
    from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

commits as (
    select * from {{ ref('fct_commit') }}
)

select
    count(*) as tested,
    count(case when commits.commit_hash is null then 1 end) as failed
from seen
left outer join commits on seen.repository = commits.repository and seen.commit_hash = commits.commit_hash
