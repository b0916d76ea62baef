{%- set figure_periods = ['week', 'month', 'quarter', 'all'] -%}
{%- set metrics = [
    {
        'name': 'deployment_frequency', 'unit': 'deployments', 'n': 'successes', 'allocated': 'successes_allocated',
        'figure': 'case when starts_on is not null then successes_allocated end',
        'coverage': 'cast(timed as double precision) / nullif(deployments, 0)',
        'shortage': "case when starts_on is null then 'no_deployments' end"
    },
    {
        'name': 'deployment_days_per_week', 'unit': 'days', 'n': 'successes', 'allocated': 'successes_allocated',
        'figure': 'days_per_week',
        'coverage': 'cast(timed as double precision) / nullif(deployments, 0)',
        'shortage':
            "case when starts_on is null then 'no_deployments' when days_per_week is null then 'no_whole_week' end"
    },
    {
        'name': 'lead_time_for_changes', 'unit': 'seconds', 'n': 'timed_changes', 'allocated': 'changes_allocated',
        'figure': 'lead_time_s', 'p90': 'lead_time_p90_s', 'mean': 'lead_time_mean_s', 'excluded': 'negative_changes',
        'coverage': 'cast(timed_changes as double precision) / nullif(changes, 0)',
        'shortage': "coalesce(shortage, case when timed_changes = 0 then 'no_changes' end)"
    },
    {
        'name': 'change_failure_rate', 'unit': 'share', 'n': 'judged', 'allocated': 'judged_allocated',
        'figure': 'case when blindness is null then failed_allocated / nullif(judged_allocated, 0) end',
        'coverage': 'cast(linkable as double precision) / nullif(judged, 0)',
        'shortage': 'coalesce(shortage, blindness)'
    },
    {
        'name': 'failed_deployment_recovery_time', 'unit': 'seconds', 'n': 'restored',
        'allocated': 'restored_allocated',
        'figure': 'recovery_s', 'p90': 'recovery_p90_s', 'mean': 'recovery_mean_s', 'excluded': 'failed - restored',
        'coverage': 'cast(restored as double precision) / nullif(failed, 0)',
        'shortage':
            "coalesce(shortage, blindness, case when failed = 0 then 'no_failures'"
            " when restored = 0 then 'not_restored' end)"
    },
    {
        'name': 'time_to_restore_service', 'unit': 'seconds', 'n': 'resolved', 'allocated': 'resolved_allocated',
        'figure': 'restore_s', 'p90': 'restore_p90_s', 'mean': 'restore_mean_s', 'excluded': 'opened - resolved',
        'coverage': 'cast(resolved as double precision) / nullif(opened, 0)',
        'shortage':
            "case when not is_watched then 'no_incidents_source' when opened = 0 and unlinked > 0 then 'unlinked'"
            " when opened = 0 then 'no_incidents' when resolved = 0 then 'not_restored' end"
    },
] -%}
with delivery_periods as (
    select * from {{ ref('dim_delivery_period') }}
),

rhythms as (
    select * from {{ ref('fct_deployment_rhythm') }}
),

deployments as (
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

incidents as (
    select * from {{ ref('fct_incident') }}
),

incident_periods as (
    select * from {{ ref('fct_incident_period') }}
),

failure_sources as (
    select * from {{ ref('failure_sources') }}
),

bands as (
    select * from {{ ref('dora_bands') }}
),

periods as (
    select * from delivery_periods
    where period <> 'half_year'
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
        {{ ordered_sum('case when is_success then share end') }} as successes_allocated,
        count(case when evidence in ('tagger_time', 'deployment_status', 'job_end') then 1 end) as timed,
        count(case when is_judged then 1 end) as judged,
        {{ ordered_sum('case when is_judged then share end') }} as judged_allocated,
        count(case when is_told then 1 end) as told,
        count(case when is_linkable then 1 end) as linkable,
        count(case when is_failed then 1 end) as failed,
        {{ ordered_sum('case when is_failed then share else 0 end') }} as failed_allocated,
        count(recovery_s) as restored,
        {{ ordered_sum('case when recovery_s is not null then share end') }} as restored_allocated,
        {{ median_p90_mean('recovery_s', 'recovery', '_s') }}
    from judged_outcomes
    group by scope, scope_name, period_name
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

led as (
    select
        scope,
        scope_name,
        period_name,
        count(*) as changes,
        count(lead_time_s) as timed_changes,
        {{ ordered_sum('case when lead_time_s is not null then allocation end') }} as changes_allocated,
        count(case when any_lead_time_s < 0 then 1 end) as negative_changes,
        {{ median_p90_mean('lead_time_s', 'lead_time', '_s') }}
    from measured
    group by scope, scope_name, period_name
),

-- Where nothing would tell of a failure, or incidents do and no deployment can be named for any, none isn't 0.
gathered as (
    select
        periods.scope,
        periods.scope_name,
        periods.period,
        periods.period_name,
        periods.starts_on,
        periods.ends_on,
        coalesce(counted.deployments, 0) as deployments,
        coalesce(counted.successes, 0) as successes,
        coalesce(counted.successes_allocated, 0) as successes_allocated,
        coalesce(counted.timed, 0) as timed,
        coalesce(counted.judged, 0) as judged,
        coalesce(counted.judged_allocated, 0) as judged_allocated,
        coalesce(counted.linkable, 0) as linkable,
        coalesce(counted.failed, 0) as failed,
        counted.failed_allocated,
        coalesce(counted.restored, 0) as restored,
        coalesce(counted.restored_allocated, 0) as restored_allocated,
        counted.recovery_s,
        counted.recovery_p90_s,
        counted.recovery_mean_s,
        coalesce(led.changes, 0) as changes,
        coalesce(led.timed_changes, 0) as timed_changes,
        coalesce(led.changes_allocated, 0) as changes_allocated,
        coalesce(led.negative_changes, 0) as negative_changes,
        led.lead_time_s,
        led.lead_time_p90_s,
        led.lead_time_mean_s,
        coalesce(incident_periods.opened, 0) as opened,
        coalesce(incident_periods.resolved, 0) as resolved,
        coalesce(incident_periods.resolved_allocated, 0) as resolved_allocated,
        incident_periods.restore_s,
        incident_periods.restore_p90_s,
        incident_periods.restore_mean_s,
        coalesce(incident_periods.unlinked, 0) as unlinked,
        coalesce(incident_periods.is_watched, false) as is_watched,
        rhythms.days_per_week,
        rhythms.days_per_month,
        rhythms.days_per_half_year,
        case
            when periods.starts_on is null or coalesce(counted.deployments, 0) = 0 then 'no_deployments'
            when counted.judged = 0 then 'only_baseline'
        end as shortage,
        case
            when counted.failed > 0 then null
            when counted.told = 0 then 'no_incidents_source'
            when incident_periods.opened + incident_periods.unlinked > 0 and incident_periods.linked = 0 then 'unlinked'
        end as blindness
    from periods
    left outer join counted
        on
            {{ same_period('periods', 'counted') }}
    left outer join led
        on
            {{ same_period('periods', 'led') }}
    left outer join incident_periods
        on
            {{ same_period('periods', 'incident_periods') }}
    left outer join rhythms
        on
            {{ same_period('periods', 'rhythms') }}
),

-- Between the first deployment and the last, none is a number; where there never was one, nothing is known.
figures as (
    {% for metric in metrics -%}
    select
        scope,
        scope_name,
        period,
        period_name,
        starts_on,
        ends_on,
        '{{ metric.name }}' as metric,
        '{{ metric.unit }}' as unit,
        cast({{ metric.figure }} as double precision) as figure,
        cast({{ metric.p90 | default('null') }} as double precision) as p90,
        cast({{ metric.mean | default('null') }} as double precision) as mean,
        cast({{ metric.n }} as bigint) as n,
        cast({{ metric.allocated }} as double precision) as allocated,
        cast({{ metric.excluded | default('0') }} as bigint) as excluded,
        cast({{ metric.coverage }} as double precision) as coverage,
        {{ metric.shortage }} as shortage,
        days_per_week,
        days_per_month,
        days_per_half_year
    from gathered
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- The band of a frequency is told by days of weeks, of months and of half-years, that of the others by their value.
banded as (
    select
        figures.scope,
        figures.scope_name,
        figures.period_name,
        figures.metric,
        min(case when bands.edition = 2021 then bands.band_rank end) as rank_2021,
        min(case when bands.edition = 2023 then bands.band_rank end) as rank_2023
    from figures
    left outer join bands
        on
            figures.metric = bands.metric
            and not {{ too_few('figures.n') }}
            and {{ in_band('bands', {
                'value': 'figures.figure',
                'deployment_days_per_week': 'figures.days_per_week',
                'deployment_days_per_month': 'figures.days_per_month',
                'deployment_days_per_half_year': 'figures.days_per_half_year',
            }) }}
    group by figures.scope, figures.scope_name, figures.period_name, figures.metric
),

band_names as (
    select distinct
        band_rank,
        band
    from bands
),

-- Counts are known however small they are, and so are the days of weeks; a statistic of fewer than five isn't one.
stated as (
    select
        figures.*,
        coalesce(figures.shortage, case when {{ too_few('figures.n') }} then 'too_few' end) as reason,
        not {{ too_few('figures.n') }} or figures.metric in ('deployment_frequency', 'deployment_days_per_week')
            as is_stated
    from figures
),

dora as (
    select
        stated.scope,
        stated.scope_name,
        stated.period,
        stated.period_name,
        stated.starts_on,
        stated.ends_on,
        stated.metric,
        stated.unit,
        case when stated.is_stated then stated.figure end as value,
        case when stated.is_stated then stated.p90 end as p90,
        case when stated.is_stated then stated.mean end as mean,
        stated.n,
        stated.allocated,
        stated.excluded,
        stated.coverage,
        names_2021.band as band_2021,
        names_2023.band as band_2023,
        stated.reason
    from stated
    inner join banded
        on
            {{ same_period('stated', 'banded') }}
            and stated.metric = banded.metric
    left outer join band_names as names_2021 on banded.rank_2021 = names_2021.band_rank
    left outer join band_names as names_2023 on banded.rank_2023 = names_2023.band_rank
)

select * from dora
