{%- set figure_periods = ['week', 'month', 'quarter', 'all'] -%}
{%- set metrics = [
    {
        'name': 'deployment_frequency', 'unit': 'deployments', 'n': 'successes',
        'figure': 'case when starts_on is not null then successes end',
        'coverage': 'cast(timed as double precision) / nullif(deployments, 0)',
        'shortage': "case when starts_on is null then 'no_deployments' end"
    },
    {
        'name': 'deployment_days_per_week', 'unit': 'days', 'n': 'successes', 'figure': 'days_per_week',
        'coverage': 'cast(timed as double precision) / nullif(deployments, 0)',
        'shortage':
            "case when starts_on is null then 'no_deployments' when days_per_week is null then 'no_whole_week' end"
    },
    {
        'name': 'lead_time_for_changes', 'unit': 'seconds', 'n': 'timed_changes', 'figure': 'lead_time_s',
        'p90': 'lead_time_p90_s', 'mean': 'lead_time_mean_s', 'excluded': 'negative_changes',
        'coverage': 'cast(timed_changes as double precision) / nullif(changes, 0)',
        'shortage': "coalesce(shortage, case when timed_changes = 0 then 'no_changes' end)"
    },
    {
        'name': 'change_failure_rate', 'unit': 'share', 'n': 'judged',
        'figure': 'cast(failed as double precision) / nullif(judged, 0)',
        'coverage': 'cast(linkable as double precision) / nullif(judged, 0)',
        'shortage': 'shortage'
    },
    {
        'name': 'failed_deployment_recovery_time', 'unit': 'seconds', 'n': 'restored', 'figure': 'recovery_s',
        'p90': 'recovery_p90_s', 'mean': 'recovery_mean_s', 'excluded': 'failed - restored',
        'coverage': 'cast(restored as double precision) / nullif(failed, 0)',
        'shortage':
            "coalesce(shortage, case when failed = 0 then 'no_failures' when restored = 0 then 'not_restored' end)"
    },
    {
        'name': 'time_to_restore_service', 'unit': 'seconds', 'n': '0', 'figure': 'null', 'coverage': 'null',
        'shortage': "'no_incidents_source'"
    },
] -%}
with delivery_periods as (
    select * from {{ ref('delivery_periods') }}
),

rhythms as (
    select * from {{ ref('deployment_rhythms') }}
),

deployments as (
    select * from {{ ref('fct_deployment') }}
    where deployment_number is not null
),

commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
    where deployment_id is not null and not is_baseline and not is_merge
),

incidents as (
    select * from {{ ref('fct_incident') }}
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
    {% for period in figure_periods -%}
    select
        deployment_id,
        repository,
        {{ period_name(period, 'deployed_on') }} as period_name
    from deployments
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Of several failures of a deployment, it recovered with the first that was mended.
outcomes as (
    select
        deployments.deployment_id,
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
        deployments.status,
        deployments.evidence,
        deployments.is_baseline,
        deployments.is_commit_known
),

-- The baseline is a deployment as any other, but nobody knows what it shipped.
counted as (
    select
        placed.repository,
        placed.period_name,
        count(*) as deployments,
        count(case when outcomes.status = 'success' then 1 end) as successes,
        count(case when outcomes.evidence <> 'commit_time' then 1 end) as timed,
        count(case when not outcomes.is_baseline then 1 end) as judged,
        count(case when not outcomes.is_baseline and outcomes.is_commit_known then 1 end) as linkable,
        count(case when not outcomes.is_baseline and outcomes.has_failed then 1 end) as failed,
        count(case when not outcomes.is_baseline then outcomes.recovery_s end) as restored,
        {{ percentile_cont('case when not outcomes.is_baseline then outcomes.recovery_s end', 0.5) }} as recovery_s,
        {{ percentile_cont('case when not outcomes.is_baseline then outcomes.recovery_s end', 0.9) }} as recovery_p90_s,
        avg(case when not outcomes.is_baseline then outcomes.recovery_s end) as recovery_mean_s
    from placed
    inner join outcomes on placed.deployment_id = outcomes.deployment_id
    group by placed.repository, placed.period_name
),

-- Nobody ships what isn't written yet: a negative lead time is a wrong clock's.
measured as (
    select
        deployment_id,
        lead_time_s as any_lead_time_s,
        case when lead_time_s >= 0 then lead_time_s end as lead_time_s
    from commit_deployments
),

led as (
    select
        placed.repository,
        placed.period_name,
        count(*) as changes,
        count(measured.lead_time_s) as timed_changes,
        count(case when measured.any_lead_time_s < 0 then 1 end) as negative_changes,
        {{ percentile_cont('measured.lead_time_s', 0.5) }} as lead_time_s,
        {{ percentile_cont('measured.lead_time_s', 0.9) }} as lead_time_p90_s,
        avg(measured.lead_time_s) as lead_time_mean_s
    from placed
    inner join measured on placed.deployment_id = measured.deployment_id
    group by placed.repository, placed.period_name
),

gathered as (
    select
        periods.repository,
        periods.period,
        periods.period_name,
        periods.starts_on,
        periods.ends_on,
        coalesce(counted.deployments, 0) as deployments,
        coalesce(counted.successes, 0) as successes,
        coalesce(counted.timed, 0) as timed,
        coalesce(counted.judged, 0) as judged,
        coalesce(counted.linkable, 0) as linkable,
        coalesce(counted.failed, 0) as failed,
        coalesce(counted.restored, 0) as restored,
        counted.recovery_s,
        counted.recovery_p90_s,
        counted.recovery_mean_s,
        coalesce(led.changes, 0) as changes,
        coalesce(led.timed_changes, 0) as timed_changes,
        coalesce(led.negative_changes, 0) as negative_changes,
        led.lead_time_s,
        led.lead_time_p90_s,
        led.lead_time_mean_s,
        rhythms.days_per_week,
        rhythms.days_per_month,
        rhythms.days_per_half_year,
        case
            when periods.starts_on is null or coalesce(counted.deployments, 0) = 0 then 'no_deployments'
            when counted.judged = 0 then 'only_baseline'
        end as shortage
    from periods
    left outer join counted
        on periods.repository = counted.repository and periods.period_name = counted.period_name
    left outer join led on periods.repository = led.repository and periods.period_name = led.period_name
    left outer join rhythms on periods.repository = rhythms.repository and periods.period_name = rhythms.period_name
),

-- Between the first deployment and the last, none is a number; where there never was one, nothing is known.
figures as (
    {% for metric in metrics -%}
    select
        repository,
        period_name,
        '{{ metric.name }}' as metric,
        '{{ metric.unit }}' as unit,
        cast({{ metric.figure }} as double precision) as figure,
        cast({{ metric.p90 | default('null') }} as double precision) as p90,
        cast({{ metric.mean | default('null') }} as double precision) as mean,
        cast({{ metric.n }} as bigint) as n,
        cast({{ metric.excluded | default('0') }} as bigint) as excluded,
        cast({{ metric.coverage }} as double precision) as coverage,
        {{ metric.shortage }} as shortage
    from gathered
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A count is known however small it is; a statistic of fewer than five isn't one.
stated as (
    select
        figures.*,
        coalesce(figures.shortage, case when figures.n < 5 then 'too_few' end) as reason,
        figures.n >= 5 or figures.metric in ('deployment_frequency', 'deployment_days_per_week') as is_stated
    from figures
),

measures as (
    select
        repository,
        period_name,
        metric,
        'value' as measure,
        figure as measured_value
    from stated
    where n >= 5
    {% for unit in ['week', 'month', 'half_year'] -%}
    union all
    select
        repository,
        period_name,
        'deployment_frequency' as metric,
        'deployment_days_per_{{ unit }}' as measure,
        days_per_{{ unit }} as measured_value
    from gathered
    where successes >= 5
    {% endfor %}
),

banded as (
    select
        measures.repository,
        measures.period_name,
        measures.metric,
        min(case when bands.edition = 2021 then bands.band_rank end) as rank_2021,
        min(case when bands.edition = 2023 then bands.band_rank end) as rank_2023
    from measures
    inner join bands
        on
            measures.metric = bands.metric
            and measures.measure = bands.measure
            and measures.measured_value >= coalesce(bands.at_least, measures.measured_value)
            and measures.measured_value <= coalesce(bands.at_most, measures.measured_value)
            and (measures.measured_value < bands.below or bands.below is null)
    group by measures.repository, measures.period_name, measures.metric
),

band_names as (
    select distinct
        band_rank,
        band
    from bands
),

dora as (
    select
        'repository' as scope,
        periods.repository as scope_name,
        periods.period,
        periods.period_name,
        periods.starts_on,
        periods.ends_on,
        stated.metric,
        stated.unit,
        case when stated.is_stated then stated.figure end as value,
        case when stated.is_stated then stated.p90 end as p90,
        case when stated.is_stated then stated.mean end as mean,
        stated.n,
        stated.excluded,
        stated.coverage,
        names_2021.band as band_2021,
        names_2023.band as band_2023,
        stated.reason
    from periods
    inner join stated on periods.repository = stated.repository and periods.period_name = stated.period_name
    left outer join banded
        on
            stated.repository = banded.repository
            and stated.period_name = banded.period_name
            and stated.metric = banded.metric
    left outer join band_names as names_2021 on banded.rank_2021 = names_2021.band_rank
    left outer join band_names as names_2023 on banded.rank_2023 = names_2023.band_rank
)

select * from dora
