with deployments as (
    select * from {{ ref('deployments') }}
    where environment = 'production' and deployed_at is not null
),

commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

known as (
    select distinct deployments.deployment_id
    from deployments
    inner join commit_events
        on deployments.repository = commit_events.repository and deployments.commit_hash = commit_events.commit_hash
),

numbered as (
    select
        deployments.deployment_id,
        deployments.repository,
        deployments.commit_hash,
        deployments.deployed_at,
        row_number() over (
            partition by deployments.repository
            order by
                deployments.deployed_at,
                {{ by_code_points('deployments.name') }},
                {{ by_code_points('deployments.deployment_id') }}
        ) as deployment_number,
        known.deployment_id is not null as is_commit_known
    from deployments
    left outer join known on deployments.deployment_id = known.deployment_id
),

-- The first deployment is the baseline. One whose commit isn't there says nothing of what it shipped: of the first,
-- all that ever was would fall upon the next, so that is a baseline, too.
based as (
    select
        deployment_id,
        repository,
        commit_hash,
        deployed_at,
        deployment_number,
        is_commit_known,
        deployment_number <= coalesce(
            min(case when is_commit_known then deployment_number end) over (partition by repository), deployment_number
        ) as is_baseline
    from numbered
)

select * from based
