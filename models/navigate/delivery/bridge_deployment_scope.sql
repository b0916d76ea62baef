with deployments as (
    select * from {{ ref('fct_deployment') }}
    where deployment_number is not null
),

commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
    where deployment_id is not null and not is_merge
),

commit_teams as (
    select * from {{ ref('bridge_commit_team') }}
),

teams as (
    select * from {{ ref('dim_team') }}
    where not is_placeholder
),

organisations as (
    select * from {{ ref('repository_organisations') }}
),

-- A deployment is each team's for as much as it shipped of that team.
by_team as (
    select
        deployments.deployment_id,
        commit_teams.team,
        {{ ordered_sum('commit_teams.allocation') }} / deployments.commits as share
    from deployments
    inner join commit_deployments on deployments.deployment_id = commit_deployments.deployment_id
    inner join commit_teams
        on
            commit_deployments.repository = commit_teams.repository
            and commit_deployments.commit_hash = commit_teams.commit_hash
    group by deployments.deployment_id, deployments.commits, commit_teams.team
),

scopes as (
    select
        'repository' as scope,
        repository as scope_name,
        deployment_id,
        cast(1 as double precision) as share
    from deployments
    union all
    select
        'organisation' as scope,
        organisations.organisation as scope_name,
        deployments.deployment_id,
        1 as share
    from deployments
    inner join organisations on deployments.repository = organisations.repository
    union all
    select
        'team' as scope,
        team as scope_name,
        deployment_id,
        share
    from by_team
    union all
    select
        'team' as scope,
        '(no team)' as scope_name,
        deployment_id,
        1 as share
    from deployments
    where commits = 0 and exists (select teams.team from teams)
),

described as (
    select
        scopes.scope,
        scopes.scope_name,
        deployments.deployment_id,
        deployments.deployed_on,
        deployments.status,
        scopes.share
    from scopes
    inner join deployments on scopes.deployment_id = deployments.deployment_id
)

select * from described
