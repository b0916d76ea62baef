with rules as (
    select * from {{ ref('repository_rules') }}
),

commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

deployments as (
    select * from {{ ref('deployments') }}
),

named as (
    select distinct
        repository,
        commit_hash,
        cast(null as text) as deployment_id,
        subject as name
    from commit_events
    union all
    select
        repository,
        cast(null as text) as commit_hash,
        deployment_id,
        name
    from deployments
),

-- Without a rule, nothing is one.
hotfixes as (
    select distinct
        named.repository,
        named.commit_hash,
        named.deployment_id
    from named
    left outer join rules as own on named.repository = own.repository
    left outer join rules as general on general.repository = '*'
    where {{ matches_expression('named.name', 'coalesce(own.hotfix_pattern, general.hotfix_pattern)') }}
)

select * from hotfixes
