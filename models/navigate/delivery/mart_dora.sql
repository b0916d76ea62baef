{%- set metrics = [
    {
        'name': 'deployment_frequency', 'unit': 'deployments', 'n': 'successes', 'allocated': 'successes_allocated',
        'figure': 'case when is_measured then successes_allocated end',
        'coverage': 'cast(timed as double precision) / nullif(deployments, 0)',
        'shortage': "case when not is_measured then 'no_deployments' end"
    },
    {
        'name': 'deployment_days_per_week', 'unit': 'days', 'n': 'successes', 'allocated': 'successes_allocated',
        'figure': 'days_per_week',
        'coverage': 'cast(timed as double precision) / nullif(deployments, 0)',
        'shortage':
            "case when days_per_week is null then case when is_measured then 'no_whole_week' else 'no_deployments' end"
            " end"
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
with periods as (
    select * from {{ ref('dim_delivery_period') }}
    where period <> 'half_year'
),

rhythms as (
    select * from {{ ref('fct_deployment_rhythm') }}
),

deployment_periods as (
    select * from {{ ref('fct_deployment_period') }}
),

change_periods as (
    select * from {{ ref('fct_change_period') }}
),

incident_periods as (
    select * from {{ ref('fct_incident_period') }}
),

bands as (
    select * from {{ ref('dora_bands') }}
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
        periods.is_measured,
        coalesce(deployment_periods.deployments, 0) as deployments,
        coalesce(deployment_periods.successes, 0) as successes,
        coalesce(deployment_periods.successes_allocated, 0) as successes_allocated,
        coalesce(deployment_periods.timed, 0) as timed,
        coalesce(deployment_periods.judged, 0) as judged,
        coalesce(deployment_periods.judged_allocated, 0) as judged_allocated,
        coalesce(deployment_periods.linkable, 0) as linkable,
        coalesce(deployment_periods.failed, 0) as failed,
        deployment_periods.failed_allocated,
        coalesce(deployment_periods.restored, 0) as restored,
        coalesce(deployment_periods.restored_allocated, 0) as restored_allocated,
        deployment_periods.recovery_s,
        deployment_periods.recovery_p90_s,
        deployment_periods.recovery_mean_s,
        coalesce(change_periods.changes, 0) as changes,
        coalesce(change_periods.timed_changes, 0) as timed_changes,
        coalesce(change_periods.changes_allocated, 0) as changes_allocated,
        coalesce(change_periods.negative_changes, 0) as negative_changes,
        change_periods.lead_time_s,
        change_periods.lead_time_p90_s,
        change_periods.lead_time_mean_s,
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
            when coalesce(deployment_periods.deployments, 0) = 0 then 'no_deployments'
            when deployment_periods.judged = 0 then 'only_baseline'
        end as shortage,
        case
            when deployment_periods.failed > 0 then null
            when deployment_periods.told = 0 then 'no_incidents_source'
            when incident_periods.opened + incident_periods.unlinked > 0 and incident_periods.linked = 0 then 'unlinked'
        end as blindness
    from periods
    left outer join deployment_periods
        on
            {{ same_period('periods', 'deployment_periods') }}
    left outer join change_periods
        on
            {{ same_period('periods', 'change_periods') }}
    left outer join incident_periods
        on
            {{ same_period('periods', 'incident_periods') }}
    left outer join rhythms
        on
            {{ same_period('periods', 'rhythms') }}
),

-- Between the first deployment and the last, none is a number; outside, nothing is known.
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
