with reverts as (
    select * from {{ ref('reverts') }}
),

commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
),

deployments as (
    select * from {{ ref('fct_deployment') }}
    where deployment_number is not null
),

-- What was taken back in the deployment that brought it never failed anybody.
by_revert as (
    select
        'revert:' || reverts.repository || ':' || reverts.commit_hash || ':' || reverts.reverted_hash as incident_id,
        reverts.repository,
        'revert' as evidence,
        3 as evidence_rank,
        failed.deployment_id,
        failed.deployed_at,
        reverts.reverted_hash,
        reverts.commit_hash as revert_hash,
        restoring.deployment_id as restored_by,
        restoring.deployed_at as restored_at
    from reverts
    inner join commit_deployments as targets
        on reverts.repository = targets.repository and reverts.reverted_hash = targets.commit_hash
    inner join deployments as failed on targets.deployment_id = failed.deployment_id
    left outer join commit_deployments as sources
        on reverts.repository = sources.repository and reverts.commit_hash = sources.commit_hash
    left outer join deployments as restoring on sources.deployment_id = restoring.deployment_id
    where restoring.deployment_number is null or restoring.deployment_number > failed.deployment_number
),

-- A rollback takes back the last that was deployed otherwise.
preceded as (
    select
        repository,
        deployment_id,
        deployed_at,
        status,
        max(case when status <> 'rollback' then deployment_number end) over (
            partition by repository
            order by deployment_number
            rows between unbounded preceding and 1 preceding
        ) as preceding_number
    from deployments
),

by_rollback as (
    select
        'rollback:' || preceded.deployment_id as incident_id,
        preceded.repository,
        'rollback' as evidence,
        2 as evidence_rank,
        failed.deployment_id,
        failed.deployed_at,
        cast(null as text) as reverted_hash,
        cast(null as text) as revert_hash,
        preceded.deployment_id as restored_by,
        preceded.deployed_at as restored_at
    from preceded
    inner join deployments as failed
        on preceded.repository = failed.repository and preceded.preceding_number = failed.deployment_number
    where preceded.status = 'rollback'
),

together as (
    select * from by_revert
    union all
    select * from by_rollback
),

incidents as (
    select
        incident_id,
        repository,
        deployment_id,
        evidence,
        evidence_rank,
        deployed_at,
        reverted_hash,
        revert_hash,
        restored_by,
        restored_at,
        {{ seconds_between('deployed_at', 'restored_at') }} as recovery_s
    from together
)

select * from incidents
