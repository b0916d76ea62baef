{%- set figure_periods = ['week', 'month', 'quarter', 'all'] -%}
with deployments as (
    select * from {{ ref('fct_deployment') }}
    where deployment_number is not null
),

deployment_scopes as (
    select * from {{ ref('bridge_deployment_scope') }}
),

incidents as (
    select * from {{ ref('fct_incident') }}
),

failure_sources as (
    select * from {{ ref('failure_sources') }}
),

-- A deployment counts for a week, a month, a quarter, and the whole.
placed as (
    {{ in_periods('deployments', ['deployment_id'], 'deployed_on', figure_periods) }}
),

-- Of several failures of a deployment, it recovered with the first that was mended.
outcomes as (
    select
        deployments.deployment_id,
        deployments.repository,
        deployments.status,
        deployments.evidence,
        deployments.is_baseline,
        deployments.is_commit_known,
        count(incidents.incident_id) > 0 as has_failed,
        min(incidents.recovery_s) as recovery_s
    from deployments
    left outer join incidents on deployments.deployment_id = incidents.deployment_id
    group by
        deployments.deployment_id,
        deployments.repository,
        deployments.status,
        deployments.evidence,
        deployments.is_baseline,
        deployments.is_commit_known
),

-- The baseline is a deployment as any other, but nobody knows what it shipped.
judged_outcomes as (
    select
        deployment_scopes.scope,
        deployment_scopes.scope_name,
        placed.period_name,
        deployment_scopes.share,
        outcomes.evidence,
        outcomes.status = 'success' as is_success,
        not outcomes.is_baseline as is_judged,
        not outcomes.is_baseline and coalesce(own.repository, general.repository) is not null as is_told,
        not outcomes.is_baseline
        and outcomes.is_commit_known
        and coalesce(own.repository, general.repository) is not null as is_linkable,
        not outcomes.is_baseline and outcomes.has_failed as is_failed,
        case when not outcomes.is_baseline then outcomes.recovery_s end as recovery_s
    from deployment_scopes
    inner join placed on deployment_scopes.deployment_id = placed.deployment_id
    inner join outcomes on deployment_scopes.deployment_id = outcomes.deployment_id
    left outer join failure_sources as own on outcomes.repository = own.repository
    left outer join failure_sources as general on general.repository = '*'
),

counted as (
    select
        scope,
        scope_name,
        period_name,
        count(*) as deployments,
        count(case when is_success then 1 end) as successes,
        {{ ordered_sum('case when is_success then share else 0 end') }} as successes_allocated,
        count(case when evidence in ('tagger_time', 'deployment_status', 'job_end') then 1 end) as timed,
        count(case when is_judged then 1 end) as judged,
        {{ ordered_sum('case when is_judged then share else 0 end') }} as judged_allocated,
        count(case when is_told then 1 end) as told,
        count(case when is_linkable then 1 end) as linkable,
        count(case when is_failed then 1 end) as failed,
        {{ ordered_sum('case when is_failed then share else 0 end') }} as failed_allocated,
        count(recovery_s) as restored,
        {{ ordered_sum('case when recovery_s is not null then share else 0 end') }} as restored_allocated,
        {{ median_p90_mean('recovery_s', 'recovery', '_s') }}
    from judged_outcomes
    group by scope, scope_name, period_name
)

select * from counted
