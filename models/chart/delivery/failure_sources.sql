with default_branches as (
    select * from {{ ref('default_branches') }}
),

incident_sources as (
    select * from {{ ref('incident_sources') }}
),

deployments as (
    select * from {{ ref('deployments') }}
    where system <> 'git' and environment = 'production' and deployed_at is not null
),

rules as (
    select * from {{ ref('repository_rules') }}
    where hotfix_pattern is not null
),

-- Reverts, incidents, rollbacks and hotfixes.
sources as (
    select repository from default_branches
    union
    select repository from incident_sources
    union
    select repository from deployments
    union
    select repository from rules
)

select * from sources
