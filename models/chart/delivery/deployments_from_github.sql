with github as (
    select * from {{ ref('github__deployments') }}
),

statuses as (
    select * from {{ ref('github__deployment_statuses') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

latest as (
    {{ latest_by('github', ['repository_id', 'deployment_id']) }}
),

-- What comes later (inactive, when the next one takes its place) doesn't change how it went.
outcomes as (
    select
        repository_id,
        deployment_id,
        state,
        _event_at as ended_at,
        row_number() over (partition by repository_id, deployment_id order by _event_at, _sha256) as outcome_number
    from statuses
    where state in ('success', 'failure', 'error')
),

ended as (
    select
        latest.repository_id,
        latest.deployment_id,
        latest.commit_hash,
        latest.ref,
        latest.task,
        outcomes.state,
        outcomes.ended_at,
        repositories.repository,
        latest.environment as own_environment,
        case when latest.is_production then 'production' else latest.environment end as environment
    from latest
    inner join outcomes
        on latest.repository_id = outcomes.repository_id and latest.deployment_id = outcomes.deployment_id
    inner join repositories on latest.repository_id = repositories.repository_id
    where latest._operation = 'upsert' and outcomes.outcome_number = 1
),

-- What runs in one place says nothing of another, though both be production.
placed as (
    select
        *,
        lag(commit_hash) over place as previous_hash,
        count(case when state = 'success' then 1 end) over (
            partition by repository_id, own_environment, commit_hash
            order by ended_at, deployment_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_successes
    from ended
    window place as (partition by repository_id, own_environment order by ended_at, deployment_id)
),

deployments as (
    select
        'github:' || repository_id || ':' || deployment_id as deployment_id,
        'github' as system,
        repository,
        commit_hash,
        coalesce(ref, commit_hash) as name,
        environment,
        case
            when state in ('failure', 'error') then 'failure'
            when task = 'rollback' or (earlier_successes > 0 and previous_hash <> commit_hash) then 'rollback'
            else 'success'
        end as status,
        ended_at as deployed_at,
        'deployment_status' as evidence
    from placed
)

select * from deployments
