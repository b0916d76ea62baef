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
        latest.ref,
        latest.status,
        coalesce(latest.finished_at, latest._event_at) as ended_at,
        case when latest.finished_at is null then 'last_change' else 'job_end' end as evidence,
        repositories.repository,
        latest.environment as own_environment,
        case when latest.environment_tier = 'production' then 'production' else latest.environment end as environment
    from latest
    inner join repositories on latest.repository_id = repositories.repository_id
    where latest._operation = 'upsert' and latest.status in ('success', 'failed')
),

-- What runs in one place says nothing of another, though both be production.
placed as (
    select
        *,
        lag(commit_hash) over place as previous_hash,
        count(case when status = 'success' then 1 end) over (
            partition by repository_id, own_environment, commit_hash
            order by ended_at, deployment_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_successes
    from ended
    window place as (partition by repository_id, own_environment order by ended_at, deployment_id)
),

deployments as (
    select
        'gitlab:' || repository_id || ':' || deployment_id as deployment_id,
        'gitlab' as system,
        repository,
        commit_hash,
        coalesce(ref, commit_hash) as name,
        environment,
        case
            when status = 'failed' then 'failure'
            when earlier_successes > 0 and previous_hash <> commit_hash then 'rollback'
            else 'success'
        end as status,
        ended_at as deployed_at,
        evidence
    from placed
)

select * from deployments
