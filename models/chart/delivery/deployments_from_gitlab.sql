with gitlab as (
    select * from {{ ref('gitlab__deployments') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

latest as (
    {{ latest_by('gitlab', ['repository_id', 'deployment_id']) }}
),

-- What was canceled or skipped never came to be, and what is blocked or runs may still.
ended as (
    select
        latest.repository_id,
        latest.deployment_id,
        latest.commit_hash,
        coalesce(latest.ref, latest.commit_hash) as name,
        latest.status,
        coalesce(latest.finished_at, latest._event_at) as ended_at,
        case when latest.finished_at is null then 'last_change' else 'job_end' end as evidence,
        repositories.repository,
        latest.environment as environment_name,
        case
            when coalesce(latest.environment_tier, latest.environment) = 'production' then 'production'
            when latest.environment = 'production' then 'production (not for users)'
            else latest.environment
        end as environment
    from latest
    inner join repositories on latest.repository_id = repositories.repository_id
    where latest._operation = 'upsert' and latest.status in ('success', 'failed')
),

-- What runs in one place says nothing of another, though both be production.
placed as (
    {{ brought_back('ended', "status = 'success'") }}
),

deployments as (
    select
        'gitlab:' || repository_id || ':' || deployment_id as deployment_id,
        'gitlab' as system,
        repository,
        commit_hash,
        name,
        environment,
        environment_name,
        case
            when status = 'failed' then 'failure'
            when is_back then 'rollback'
            else 'success'
        end as status,
        ended_at as deployed_at,
        evidence
    from placed
)

select * from deployments
