-- What is expected of a measurement by those before it. docs/guides/quality.md explains it in plain words.

create function quality.is_measured(value double precision)
returns boolean
language sql
immutable
as $$
    -- NaN is greater than all numbers. Beyond these bounds sums and differences would overflow.
    select coalesce(value between -1e150 and 1e150, false)
$$;

create function quality.on_scale(value double precision, scale text)
returns double precision
language sql
immutable
as $$
    select case scale
        when 'log' then ln(1 + greatest(value, 0))
        when 'share' then asin(sqrt(least(greatest(value, 0), 1)))
        when 'root' then sqrt(greatest(value, 0))
        when 'plain' then case when abs(value) > 1e-150 then value else 0 end
    end
$$;
comment on function quality.on_scale is
'A value on the scale of its metric, as quality.metrics says. Never negative there.';

create function quality.off_scale(scaled double precision, scale text)
returns double precision
language sql
immutable
as $$
    select case scale
        when 'log' then exp(least(greatest(scaled, 0), 350)) - 1
        when 'share' then sin(least(greatest(scaled, 0), pi() / 2)) ^ 2
        when 'root' then case when scaled > 1e-75 then scaled ^ 2 else 0 end
        when 'plain' then scaled
    end
$$;
comment on function quality.off_scale is 'What quality.on_scale was made from.';

create function quality.hours_since_1970(at timestamptz)
returns bigint
language sql
immutable
as $$
    -- Plain arithmetic: looking up a time zone for each value of a history takes longer than all else.
    select floor(date_part('epoch', at) / 3600)::bigint
$$;

create function quality.month_place(on_day date)
returns integer
language sql
immutable
as $$
    -- The last three days of a month are counted from its end: -1 is the last.
    select case
        when date_part('day', on_day + 3) <= 3 then date_part('day', on_day + 3) - 4
        else date_part('day', on_day)
    end::integer
$$;

-- The history that a measurement is judged by: at most one value an hour, and none that must not be learned from.
create function quality.training(of_measurements bigint[])
returns table (
    measurement_id bigint, hours bigint, age double precision, y double precision,
    deviation double precision, is_expected boolean
)
language sql
stable
rows 100000
as $$
    with asked as (
        select m.measurement_id, m.series, m.measured_at, k.scale, known.spans, known.untold, known.expected
        from quality.measurements as m
        inner join quality.metrics as k on k.metric = m.metric
        cross join lateral (
            select
                (
                    select range_agg(s.span)
                    from (
                        select tstzrange(i.began_at, i.ended_at, '[]') as span
                        from quality.incidents as i
                        where
                            i.table_schema = m.table_schema and i.table_name = m.table_name
                            and (
                                i.metric is null
                                or i.metric = m.metric and i.column_name is not distinct from m.column_name
                            )
                        union all
                        -- A drift began before it could be noticed.
                        select tstzrange(a.opened_at - interval '14 days', a.last_at, '[]')
                        from quality.anomalies as a
                        where
                            a.series = m.series and a.method = 'drift' and a.state <> 'expected'
                            and a.closed_because is distinct from 'settled'
                    ) as s
                ) as spans,
                (
                    select array_agg(a.anomaly_id)
                    from quality.anomalies as a
                    where
                        a.series = m.series and a.state <> 'expected' and a.closed_because is distinct from 'settled'
                        -- A single outlier teaches how far off is usual. Many would teach a wrong level.
                        and (a.closed_at is null or a.points > 2 or a.state = 'incident')
                ) as untold,
                (
                    select array_agg(a.anomaly_id)
                    from quality.anomalies as a
                    where
                        a.series = m.series
                        and (a.state = 'expected' or a.closed_because = 'settled' and a.state <> 'incident')
                ) as expected
        ) as known
        where m.measurement_id = any(of_measurements) and k.scale <> 'compared' and quality.is_measured(m.value)
    )

    select
        a.measurement_id, h.hours, (date_part('epoch', a.measured_at) - date_part('epoch', h.measured_at)) / 86400,
        quality.on_scale(h.value, a.scale), h.deviation, h.is_expected
    from asked as a
    cross join lateral (
        select
            latest.*,
            -- Ten runs in an hour tell no more than one.
            latest.hours is distinct from lag(latest.hours) over (order by latest.measured_at desc) as is_last_of_hour
        from (
            select
                m.measured_at, quality.hours_since_1970(m.measured_at) as hours, m.value,
                case when m.verdict = 'normal' then m.deviation end as deviation,
                coalesce(m.anomaly_id = any(a.expected), false) as is_expected
            from quality.measurements as m
            where
                m.series = a.series and m.measured_at < a.measured_at
                and m.measured_at > a.measured_at - interval '190 days'
                and quality.is_measured(m.value)
                -- A run that ends beside this one may have measured the same fault, and waits for its verdict.
                and (m.verdict is not null or m.measured_at < a.measured_at - interval '6 hours')
                and (a.spans is null or not a.spans @> m.measured_at)
                and (a.untold is null or m.anomaly_id is null or m.anomaly_id <> all(a.untold))
            order by m.measured_at desc
            limit 1000
        ) as latest
    ) as h
    where h.is_last_of_hour
$$;

-- Level, slope, seasons and spread of each history, by medians throughout, so that outliers in it hardly count.
create function quality.expectations(of_measurements bigint[])
returns table (
    measurement_id bigint, points bigint, days double precision, per_day double precision, season double precision,
    season_words text, level double precision, expected_level double precision, drift double precision,
    has_trend boolean, spread double precision, rare_below double precision, rare_above double precision,
    to_sunday double precision, to_saturday double precision
)
language sql
stable
rows 1000
set jit = off
-- What a step of this returns can't be estimated: a loop over what is taken for one row takes minutes.
set enable_nestloop = off
-- Nor does a sort for each join pay.
set enable_mergejoin = off
set work_mem = '64MB'
as $$
    with sized as (
        select
            t.*,
            count(*) over (partition by t.measurement_id) as points,
            max(t.age) over (partition by t.measurement_id) as days,
            row_number() over (partition by t.measurement_id order by t.age) as recency,
            -- What was before a change that is known to be right is nothing to compare with.
            not t.is_expected and count(*) filter (where t.is_expected) over (
                partition by t.measurement_id order by t.age rows between unbounded preceding and 1 preceding
            ) > 0 as is_before_change
        from quality.training(of_measurements) as t
    ),

    bucketed as materialized (
        select
            s.*,
            s.points / greatest(s.days, 1) as per_day,
            -- Whole weeks, so that a bucket's median knows no weekday; longer ones where little is measured.
            floor(s.age / (7 * greatest(1, ceil(0.7 * s.days / s.points))))::integer as bucket,
            s.hours % 24 as hour,
            -- 1970 began on a Thursday; 0 is Sunday.
            (s.hours / 24 + 4) % 7 as weekday,
            quality.month_place(date '1970-01-01' + (s.hours / 24)::integer) as month_place
        from sized as s
    ),

    levels as materialized (
        select
            b.measurement_id, b.bucket, avg(b.age) as age, count(*) as points,
            case
                -- Where days have quiet and busy hours, the median lies in one of them, by chance.
                when min(b.per_day) > 1.5
                    then (
                        select avg(q.level)
                        from unnest(
                            percentile_cont(array[0.1, 0.3, 0.5, 0.7, 0.9]) within group (order by b.y)
                        ) as q (level)
                    )
                else percentile_cont(0.5) within group (order by b.y)
            end as level
        from bucketed as b
        group by b.measurement_id, b.bucket
    ),

    -- Theil and Sen's slope through the buckets, if they agree on its sign. Without the last two, where a drift may be.
    slopes as (
        select
            a.measurement_id,
            case
                when count(*) >= 6 and abs(avg(sign(a.level - b.level))) >= 0.7
                    then percentile_cont(0.5) within group (order by (a.level - b.level) / (b.age - a.age))
                else 0
            end as slope
        from levels as a
        inner join levels as b
            on b.measurement_id = a.measurement_id and b.bucket > a.bucket and b.bucket <= 14
        where a.bucket >= 2 and a.points >= 4 and b.points >= 4 and b.age > a.age
        group by a.measurement_id
    ),

    levelled as materialized (
        select
            b.*, coalesce(s.slope, 0) as slope,
            b.y - l.level - coalesce(s.slope, 0) * (l.age - b.age) as rest
        from bucketed as b
        inner join levels as l on l.measurement_id = b.measurement_id and l.bucket = b.bucket
        left join slopes as s on s.measurement_id = b.measurement_id
    ),

    hours as (
        select
            l.measurement_id, l.hour, l.weekday in (0, 6) as is_weekend,
            percentile_cont(0.5) within group (order by l.rest) as effect
        from levelled as l
        where l.per_day > 1.5
        group by l.measurement_id, l.hour, l.weekday in (0, 6)
        having count(*) >= 4
    ),

    has_hours as (
        select l.measurement_id
        from levelled as l
        left join hours as h
            on h.measurement_id = l.measurement_id and h.hour = l.hour and h.is_weekend = (l.weekday in (0, 6))
        where l.per_day > 1.5
        group by l.measurement_id
        having sum(abs(l.rest - coalesce(h.effect, 0))) < 0.8 * sum(abs(l.rest))
    ),

    without_hours as materialized (
        select
            l.*,
            s.measurement_id is not null as has_hours,
            case when s.measurement_id is null then 0 else coalesce(h.effect, 0) end as hour_effect,
            l.rest - case when s.measurement_id is null then 0 else coalesce(h.effect, 0) end as rest_of_day
        from levelled as l
        left join has_hours as s on s.measurement_id = l.measurement_id
        left join hours as h
            on h.measurement_id = l.measurement_id and h.hour = l.hour and h.is_weekend = (l.weekday in (0, 6))
    ),

    weekdays as (
        select
            w.measurement_id, w.weekday,
            percentile_cont(0.5) within group (order by w.rest_of_day) as effect
        from without_hours as w
        group by w.measurement_id, w.weekday
        having count(*) >= 4 * greatest(1, 0.7 * min(w.per_day)) and max(w.days) >= 27
    ),

    has_weekdays as (
        select w.measurement_id
        from without_hours as w
        left join weekdays as d on d.measurement_id = w.measurement_id and d.weekday = w.weekday
        group by w.measurement_id
        having sum(abs(w.rest_of_day - coalesce(d.effect, 0))) < 0.8 * sum(abs(w.rest_of_day))
    ),

    without_weekdays as materialized (
        select
            w.*,
            s.measurement_id is not null as has_weekdays,
            case when s.measurement_id is null then 0 else coalesce(d.effect, 0) end as weekday_effect,
            w.rest_of_day - case when s.measurement_id is null then 0 else coalesce(d.effect, 0) end as rest_of_week
        from without_hours as w
        left join has_weekdays as s on s.measurement_id = w.measurement_id
        left join weekdays as d on d.measurement_id = w.measurement_id and d.weekday = w.weekday
    ),

    noises as (
        select
            w.measurement_id, percentile_cont(0.5) within group (order by abs(w.rest_of_week)) as noise
        from without_weekdays as w
        group by w.measurement_id
    ),

    -- Of 31 days most are noise: only what stands out, month after month.
    months as (
        select
            w.measurement_id, w.month_place,
            percentile_cont(0.5) within group (order by w.rest_of_week) as effect
        from without_weekdays as w
        inner join noises as n on n.measurement_id = w.measurement_id
        where w.days > 60
        group by w.measurement_id, w.month_place
        having
            count(*) >= 3 * greatest(1, 0.7 * min(w.per_day))
            and abs(percentile_cont(0.5) within group (order by w.rest_of_week)) > 3.5 * min(n.noise)
    ),

    left_over as (
        select
            w.*,
            w.rest_of_week - coalesce(m.effect, 0) as noise,
            w.y + w.slope * w.age
            - w.hour_effect
            - w.weekday_effect
            - coalesce(m.effect, 0) as adjusted
        from without_weekdays as w
        left join months as m on m.measurement_id = w.measurement_id and m.month_place = w.month_place
    ),

    placed as (
        select
            l.*,
            l.adjusted - l.slope * l.age as detrended,
            l.recency <= 14 * p.per_day as is_recent,
            l.recency <= 10 * p.per_day as is_late,
            l.recency > 14 * p.per_day and not l.is_before_change as is_earlier,
            l.recency > 14 * p.per_day and l.recency <= 70 * p.per_day and not l.is_before_change as is_weeks_before
        from left_over as l
        cross join lateral (select greatest(1, l.per_day) as per_day) as p
    ),

    summed_up as materialized (
        select
            l.measurement_id,
            min(l.points) as points,
            min(l.days) as days,
            min(l.per_day) as per_day,
            bool_or(l.slope <> 0) as has_trend,
            bool_or(l.has_hours) as has_hours,
            bool_or(l.has_weekdays) as has_weekdays,
            percentile_cont(array[0.02, 0.05, 0.25, 0.75, 0.95, 0.98]) within group (order by l.noise) as noise,
            percentile_cont(0.5) within group (order by l.adjusted) filter (where l.is_recent) as level,
            percentile_cont(0.5) within group (order by l.adjusted) filter (where l.is_recent and l.is_expected)
            as expected_level,
            count(*) filter (where l.is_earlier) as points_before,
            percentile_cont(0.5) within group (order by l.adjusted) filter (where l.is_late)
            - percentile_cont(0.5) within group (order by l.adjusted) filter (where l.is_weeks_before) as change,
            percentile_cont(0.5) within group (order by l.detrended) filter (where l.is_late)
            - percentile_cont(0.5) within group (order by l.detrended) filter (where l.is_weeks_before)
            as change_in_all,
            case
                when count(l.deviation) >= 20
                    then percentile_cont(0.9) within group (order by abs(l.deviation)) / 1.645
            end as past_deviation
        from placed as l
        group by l.measurement_id
    ),

    asked as (
        select
            m.measurement_id,
            quality.hours_since_1970(m.measured_at) % 24 as hour,
            (quality.hours_since_1970(m.measured_at) / 24 + 4) % 7 as weekday,
            quality.month_place((m.measured_at at time zone 'UTC')::date) as month_place,
            to_char(m.measured_at at time zone 'UTC', 'FMDay') as day_name
        from quality.measurements as m
        where m.measurement_id = any(of_measurements)
    )

    select
        a.measurement_id, s.points, s.days, s.per_day,
        season.of_hour + season.of_weekday + season.of_month as season,
        concat_ws(
            ', ',
            case when s.has_weekdays then 'a ' || a.day_name end,
            case when s.has_hours then 'at ' || lpad(a.hour::text, 2, '0') || ':00 UTC' end,
            case
                when m.effect is null then null
                when a.month_place = -1 then 'the last day of a month'
                when a.month_place < 0 then 'the end of a month'
                else 'day ' || a.month_place || ' of a month'
            end
        ) as season_words,
        s.level,
        s.expected_level,
        -- A change that the trend alone makes, or makes up, is no drift.
        case
            when s.points_before < 14 then null
            when sign(s.change) <> sign(s.change_in_all) then 0
            else sign(s.change) * least(abs(s.change), abs(s.change_in_all))
        end as drift,
        s.has_trend,
        1.15 * greatest((s.noise[4] - s.noise[3]) / 1.349, (s.noise[5] - s.noise[2]) / 3.29)
        * least(greatest(coalesce(s.past_deviation, 1), 1), 3) as spread,
        -s.noise[1] as rare_below,
        s.noise[6] as rare_above,
        case when s.has_weekdays and a.weekday not in (0, 6) then sunday.effect - season.of_weekday end as to_sunday,
        case when s.has_weekdays and a.weekday not in (0, 6) then saturday.effect - season.of_weekday end as to_saturday
    from asked as a
    inner join summed_up as s on s.measurement_id = a.measurement_id
    left join hours as h
        on
            h.measurement_id = a.measurement_id and h.hour = a.hour and h.is_weekend = (a.weekday in (0, 6))
            and s.has_hours
    left join weekdays as d on d.measurement_id = a.measurement_id and d.weekday = a.weekday and s.has_weekdays
    left join months as m on m.measurement_id = a.measurement_id and m.month_place = a.month_place
    left join weekdays as sunday on sunday.measurement_id = a.measurement_id and sunday.weekday = 0
    left join weekdays as saturday on saturday.measurement_id = a.measurement_id and saturday.weekday = 6
    cross join lateral (
        select
            coalesce(h.effect, 0) as of_hour, coalesce(d.effect, 0) as of_weekday, coalesce(m.effect, 0) as of_month
    ) as season
$$;
comment on function quality.expectations is
'What is expected of measurements, on the scale of their metrics, by the history of each that may be learned from.';
