{%- set figure_periods = ['week', 'month', 'quarter', 'all'] -%}
with deployments as (
    select * from {{ ref('fct_deployment') }}
    where deployment_number is not null
),

deployment_scopes as (
    select * from {{ ref('bridge_deployment_scope') }}
),

commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
    where deployment_id is not null and not is_baseline and not is_merge
),

commit_teams as (
    select * from {{ ref('bridge_commit_team') }}
),

-- A deployment counts for a week, a month, a quarter, and the whole.
placed as (
    {{ in_periods('deployments', ['deployment_id'], 'deployed_on', figure_periods) }}
),

-- A change is each team's that its author was in, by a part of it; a deployment's changes are all its repository's.
change_scopes as (
    select
        deployment_scopes.scope,
        deployment_scopes.scope_name,
        commit_deployments.deployment_id,
        commit_deployments.lead_time_s,
        cast(1 as double precision) as allocation
    from commit_deployments
    inner join deployment_scopes on commit_deployments.deployment_id = deployment_scopes.deployment_id
    where deployment_scopes.scope <> 'team'
    union all
    select
        'team' as scope,
        commit_teams.team as scope_name,
        commit_deployments.deployment_id,
        commit_deployments.lead_time_s,
        commit_teams.allocation
    from commit_deployments
    inner join commit_teams
        on
            commit_deployments.repository = commit_teams.repository
            and commit_deployments.commit_hash = commit_teams.commit_hash
),

-- Nobody ships what isn't written yet: a negative lead time is a wrong clock's.
measured as (
    select
        change_scopes.scope,
        change_scopes.scope_name,
        placed.period_name,
        change_scopes.lead_time_s as any_lead_time_s,
        case when change_scopes.lead_time_s >= 0 then change_scopes.lead_time_s end as lead_time_s,
        change_scopes.allocation
    from change_scopes
    inner join placed on change_scopes.deployment_id = placed.deployment_id
),

counted as (
    select
        scope,
        scope_name,
        period_name,
        count(*) as changes,
        count(lead_time_s) as timed_changes,
        {{ ordered_sum('case when lead_time_s is not null then allocation else 0 end') }} as changes_allocated,
        count(case when any_lead_time_s < 0 then 1 end) as negative_changes,
        {{ median_p90_mean('lead_time_s', 'lead_time', '_s') }}
    from measured
    group by scope, scope_name, period_name
)

select * from counted
