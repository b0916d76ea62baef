with incidents as (
    select * from {{ ref('fct_incident') }}
    where issue_id is not null
),

deployment_scopes as (
    select * from {{ ref('bridge_deployment_scope') }}
),

organisations as (
    select * from {{ ref('repository_organisations') }}
),

teams as (
    select * from {{ ref('dim_team') }}
    where not is_placeholder
),

counted as (
    select
        incidents.*,
        count(*) over (partition by incidents.issue_id) as links
    from incidents
),

-- An incident is whose the deployments are that it is linked to; else its repository's, and no team's.
scopes as (
    select
        deployment_scopes.scope,
        deployment_scopes.scope_name,
        counted.issue_id,
        counted.opened_at,
        counted.restore_s,
        deployment_scopes.share / counted.links as share
    from counted
    inner join deployment_scopes on counted.deployment_id = deployment_scopes.deployment_id
    union all
    select
        'repository' as scope,
        repository as scope_name,
        issue_id,
        opened_at,
        restore_s,
        1 as share
    from counted
    where deployment_id is null and repository is not null
    union all
    select
        'organisation' as scope,
        organisations.organisation as scope_name,
        counted.issue_id,
        counted.opened_at,
        counted.restore_s,
        1 as share
    from counted
    inner join organisations on counted.repository = organisations.repository
    where counted.deployment_id is null
    union all
    select
        'team' as scope,
        '(no team)' as scope_name,
        issue_id,
        opened_at,
        restore_s,
        1 as share
    from counted
    where deployment_id is null and repository is not null and exists (select teams.team from teams)
),

summed as (
    select
        scope,
        scope_name,
        issue_id,
        opened_at,
        {{ utc_date('opened_at') }} as opened_on,
        restore_s,
        {{ ordered_sum('share') }} as share
    from scopes
    group by scope, scope_name, issue_id, opened_at, restore_s
)

select * from summed
