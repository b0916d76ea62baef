-- Fails if a commit isn't under the first deployment that contains it: the earliest of those at it and at its children.
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'accuracy', 'table': 'fct_commit_deployment'}) }}

with commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
),

deployments as (
    select * from {{ ref('ordered_deployments') }}
),

commit_parents as (
    select * from {{ ref('commit_parents') }}
),

numbered as (
    select
        commit_deployments.repository,
        commit_deployments.commit_hash,
        deployments.deployment_number
    from commit_deployments
    left outer join deployments on commit_deployments.deployment_id = deployments.deployment_id
),

reaching as (
    select
        repository,
        commit_hash,
        deployment_number
    from deployments
    union all
    select
        commit_parents.repository,
        commit_parents.parent_hash as commit_hash,
        children.deployment_number
    from numbered as children
    inner join commit_parents
        on children.repository = commit_parents.repository and children.commit_hash = commit_parents.commit_hash
),

earliest as (
    select
        repository,
        commit_hash,
        min(deployment_number) as deployment_number
    from reaching
    group by repository, commit_hash
)

select
    count(*) as tested,
    count(case
        when coalesce(numbered.deployment_number, 0) <> coalesce(earliest.deployment_number, 0) then 1
    end) as failed
from numbered
left outer join earliest on numbered.repository = earliest.repository and numbered.commit_hash = earliest.commit_hash
