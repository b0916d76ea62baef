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

repositories as (
    select distinct repository from deployments
),

-- Without a rule, nothing is one, and no commit is read; nor is it where nothing is deployed.
ruled as (
    select
        repositories.repository,
        coalesce(own.hotfix_pattern, general.hotfix_pattern) as hotfix_pattern
    from repositories
    left outer join rules as own on repositories.repository = own.repository
    left outer join rules as general on general.repository = '*'
    where coalesce(own.hotfix_pattern, general.hotfix_pattern) is not null
),

named as (
    select
        ruled.repository,
        ruled.hotfix_pattern,
        commit_events.commit_hash,
        cast(null as text) as deployment_id,
        commit_events.subject as name
    from ruled
    inner join commit_events on ruled.repository = commit_events.repository
    union all
    select
        ruled.repository,
        ruled.hotfix_pattern,
        cast(null as text) as commit_hash,
        deployments.deployment_id,
        deployments.name
    from ruled
    inner join deployments on ruled.repository = deployments.repository
),

hotfixes as (
    select distinct
        repository,
        commit_hash,
        deployment_id
    from named
    where {{ matches_expression('name', 'hotfix_pattern') }}
)

select * from hotfixes
