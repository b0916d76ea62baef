with deployments as (
    select * from {{ ref('deployments') }}
),

ordered as (
    select * from {{ ref('ordered_deployments') }}
),

commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
    where deployment_id is not null
),

shipped as (
    select
        deployment_id,
        count(case when not is_merge then 1 end) as commits,
        count(case when is_merge then 1 end) as merge_commits
    from commit_deployments
    group by deployment_id
),

described as (
    select
        deployments.deployment_id,
        deployments.repository,
        deployments.system,
        deployments.environment,
        deployments.environment_name,
        deployments.name,
        deployments.commit_hash,
        deployments.status,
        deployments.deployed_at,
        {{ utc_date('deployments.deployed_at') }} as deployed_on,
        deployments.evidence,
        ordered.deployment_number,
        ordered.is_baseline,
        ordered.is_commit_known,
        coalesce(shipped.commits, 0) as commits,
        coalesce(shipped.merge_commits, 0) as merge_commits
    from deployments
    left outer join ordered on deployments.deployment_id = ordered.deployment_id
    left outer join shipped on deployments.deployment_id = shipped.deployment_id
)

select * from described
