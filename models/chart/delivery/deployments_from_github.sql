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

-- What comes later (inactive, when the next one takes its place; another end) doesn't change how it went. Of one
-- second, the service's numbers tell which came first.
outcomes as (
    select
        repository_id,
        deployment_id,
        state,
        _event_at as ended_at,
        row_number() over (
            partition by repository_id, deployment_id
            order by _event_at, length(status_id), {{ by_code_points('status_id') }}
        ) as outcome_number
    from statuses
    where state in ('success', 'failure', 'error')
),

ended as (
    select
        latest.repository_id,
        latest.deployment_id,
        latest.commit_hash,
        coalesce(latest.ref, latest.commit_hash) as name,
        latest.task,
        outcomes.state,
        outcomes.ended_at,
        repositories.repository,
        latest.environment as environment_name,
        case
            when coalesce(latest.is_production, latest.environment = 'production') then 'production'
            when latest.environment = 'production' then 'production (not for users)'
            else latest.environment
        end as environment
    from latest
    inner join outcomes
        on latest.repository_id = outcomes.repository_id and latest.deployment_id = outcomes.deployment_id
    inner join repositories on latest.repository_id = repositories.repository_id
    where latest._operation = 'upsert' and outcomes.outcome_number = 1
),

-- What runs in one place says nothing of another, though both be production.
placed as (
    {{ brought_back('ended', "state = 'success'") }}
),

deployments as (
    select
        'github:' || repository_id || ':' || deployment_id as deployment_id,
        'github' as system,
        repository,
        commit_hash,
        name,
        environment,
        environment_name,
        case
            when state in ('failure', 'error') then 'failure'
            when task = 'rollback' or is_back then 'rollback'
            else 'success'
        end as status,
        ended_at as deployed_at,
        'deployment_status' as evidence
    from placed
)

select * from deployments
