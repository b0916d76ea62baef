-- How measurements are judged by what is expected of them, and the anomalies that come of it.

-- The verdicts. Nothing is written here.
create function quality.judgements(of_measurements bigint[])
returns table (
    measurement_id bigint, verdict text, method text, expected double precision, low double precision,
    high double precision, season text, deviation double precision, drift double precision
)
language sql
stable
rows 1000
set jit = off
set enable_nestloop = off
as $$
    with asked as (
        select
            m.measurement_id, m.series, m.measured_at, quality.is_measured(m.value) as is_measured,
            k.scale, k.unit, k.alarms_when, k.smallest_step, quality.on_scale(m.value, k.scale) as y
        from quality.measurements as m
        inner join quality.metrics as k on k.metric = m.metric
        where m.measurement_id = any(of_measurements) and k.scale <> 'compared'
    ),

    expected as (
        select
            a.*, e.points, e.days, e.season, e.season_words, e.to_sunday, e.to_saturday, e.rare_below, e.rare_above,
            e.drift as level_change,
            e.level + e.season as center,
            e.expected_level + e.season as other_center,
            greatest(
                e.spread,
                case a.scale when 'plain' then a.smallest_step * abs(e.level + e.season) else a.smallest_step end,
                -- A few rows more or less say nothing of a small table.
                case when a.unit = 'rows' then 0.5 * exp(-0.5 * greatest(e.level + e.season, 0)) end,
                1e-150
            ) as spread,
            -- As many false alarms in a month, whether it is measured daily or each hour.
            5.0 + 0.7 * ln(greatest(e.per_day, 1)) as far,
            3.5 + 0.5 * ln(greatest(e.per_day, 1)) as half_far,
            -- A trend might bend, or not be quite what it seems.
            case when e.has_trend then 9.5 else 5.5 end as most_drift
        from asked as a
        left join quality.expectations(of_measurements) as e on e.measurement_id = a.measurement_id
    ),

    scored as (
        select
            e.*,
            -- What came a few times before, a day at a time, and was no incident, is no news either.
            least(greatest(e.far, 1.2 * e.rare_below / e.spread), 2 * e.far) as far_below,
            least(greatest(e.far, 1.2 * e.rare_above / e.spread), 2 * e.far) as far_above,
            least(greatest(
                case
                    when abs(e.y - e.other_center) < abs(e.y - e.center) then e.y - e.other_center
                    else e.y - e.center
                end / e.spread, -1e6
            ), 1e6) as deviation,
            least(
                abs(e.y - e.center - e.to_sunday), abs(e.y - e.center - e.to_saturday)
            ) / e.spread as from_day_off,
            -- The standard error of medians of 10 days and of 56; more values a day aren't that much more evidence.
            e.level_change / (0.43 * e.spread) as drift
        from expected as e
    ),

    remembered as (
        select
            s.*, p.verdict as last_verdict, coalesce(p.deviation, 0) as last_deviation,
            case when s.alarms_when = 'either' then abs(s.deviation) else s.deviation end as distance,
            n.method as lasting_method, n.is_above as lasting_above
        from scored as s
        left join lateral (
            select m.verdict, m.deviation
            from quality.measurements as m
            where m.series = s.series and m.measured_at < s.measured_at and m.deviation is not null
            order by m.measured_at desc, m.measurement_id desc
            limit 1
        ) as p on true
        left join quality.anomalies as n on n.series = s.series and n.closed_at is null
    ),

    decided as (
        select
            d.*,
            case
                when not d.is_measured or d.points is null or d.points < 14 or d.days < 6.5 then null
                when
                    d.lasting_method in ('point', 'sustained')
                    and d.distance >= 2.5 and (d.deviation > 0) = d.lasting_above
                    then d.lasting_method
                when
                    d.lasting_method = 'drift' and greatest(abs(d.deviation), abs(d.last_deviation)) >= 1
                    then 'drift'
                when d.distance >= case when d.deviation > 0 then d.far_above else d.far_below end then 'point'
                when
                    d.distance >= d.half_far and abs(d.last_deviation) >= d.half_far
                    and d.deviation * d.last_deviation > 0 and d.last_verdict = 'normal'
                    then 'sustained'
                when
                    (d.drift >= d.most_drift and d.deviation > 0)
                    or (d.drift <= -d.most_drift and d.deviation < 0 and d.alarms_when = 'either')
                    then 'drift'
            end as method
        from remembered as d
    ),

    judged as (
        select
            d.*,
            case
                when not d.is_measured then 'unmeasured'
                when d.points is null or d.points < 14 or d.days < 6.5 then 'learning'
                when
                    d.method = 'point' and d.lasting_method is null
                    and d.from_day_off <= 2.5 and d.last_verdict is distinct from 'day off'
                    then 'day off'
                when d.method is not null then 'anomalous'
                else 'normal'
            end as verdict
        from decided as d
    )

    select
        j.measurement_id, j.verdict,
        case when j.verdict = 'anomalous' then j.method end,
        quality.off_scale(j.center, j.scale),
        case
            when j.alarms_when = 'either'
                then quality.off_scale(least(j.center, j.other_center) - j.far_below * j.spread, j.scale)
        end,
        quality.off_scale(greatest(j.center, j.other_center) + j.far_above * j.spread, j.scale),
        nullif(j.season_words, ''),
        j.deviation,
        j.drift
    from judged as j
    where j.verdict not in ('unmeasured', 'learning')
    union all
    select j.measurement_id, j.verdict, null, null, null, null, null, null, null
    from judged as j
    where j.verdict in ('unmeasured', 'learning')
$$;
comment on function quality.judgements is
'How measurements compare with their own past; one measurement of a series at a time.';

-- What isn't statistical: the same as the last that was right, or not.
create function quality.comparisons(of_measurements bigint[])
returns table (measurement_id bigint, verdict text, method text, expected double precision, differences text)
language sql
stable
rows 100
set jit = off
as $$
    select m.measurement_id, v.verdict, case when v.verdict = 'anomalous' then 'compared' end, b.value, d.differences
    from quality.measurements as m
    inner join quality.metrics as k on k.metric = m.metric
    left join lateral (
        select p.measurement_id, p.value, p.detail
        from quality.measurements as p
        where
            p.series = m.series and p.measured_at < m.measured_at
            and (
                p.verdict = 'normal'
                or exists (
                    select from quality.anomalies as a
                    where a.anomaly_id = p.anomaly_id and (a.state = 'expected' or a.closed_because = 'settled')
                )
            )
        order by p.measured_at desc, p.measurement_id desc
        limit 1
    ) as b on true
    cross join lateral (
        select
            case
                when m.value is null and m.detail is null then 'unmeasured'
                when b.measurement_id is null then 'normal'
                when m.detail is distinct from b.detail or m.detail is null and m.value is distinct from b.value
                    then 'anomalous'
                else 'normal'
            end as verdict
    ) as v
    cross join lateral (
        select string_agg(
            case
                when o.value is null then format('%s is new (%s)', n.key, n.value)
                when n.value is null then format('%s is gone', o.key)
                else format('%s is %s, was %s', n.key, n.value, o.value)
            end, '; ' order by coalesce(n.key, o.key)
        ) as differences
        from jsonb_each_text(m.detail) as n
        full outer join jsonb_each_text(b.detail) as o on o.key = n.key
        where n.value is distinct from o.value
    ) as d
    where m.measurement_id = any(of_measurements) and k.scale = 'compared'
$$;
comment on function quality.comparisons is
'How columns and types compare with those of the last measurement that was right.';

create function quality.in_words(value double precision, unit text)
returns text
language sql
stable
as $$
    select case
        when unit = 'rows' and value < 1e15 then to_char(round(value::numeric), 'FM999,999,999,999,999,990')
        when unit = 'share' then trim_scale(round((100 * value)::numeric, case when value < 0.01 then 3 else 1 end)) || ' %'
        when unit = 'seconds' and value < 120 then trim_scale(round(value::numeric, 1)) || ' s'
        when unit = 'seconds' and value < 7200 then trim_scale(round(value::numeric / 60, 1)) || ' min'
        when unit = 'seconds' and value < 172800 then trim_scale(round(value::numeric / 3600, 1)) || ' h'
        when unit = 'seconds' then trim_scale(round(value::numeric / 86400, 1)) || ' days'
        when abs(value) < 1e-100 then '0'
        when abs(value) between 1e-4 and 1e15
            then
                trim_scale(
                    round(value::numeric, greatest(0, 3 - floor(log(greatest(abs(value), 1e-4)))::integer))
                )::text
        else btrim(to_char(value, '9.99EEEE'))
    end
$$;
comment on function quality.in_words is 'A value of a metric as people read it.';

create function quality.anomaly_sentence(m quality.measurements, k quality.metrics, differences text)
returns text
language sql
stable
as $$
    select
        k.wording || case when k.unit in ('seconds', 'columns') then ' of ' else ' in ' end
        || concat_ws('.', m.table_schema, m.table_name, m.column_name)
        || case
            when k.scale = 'compared' then ' changed: ' || coalesce(differences, 'they are not what they were')
            else
                ': ' || quality.in_words(m.value, k.unit) || ', expected '
                || case
                    when m.method = 'drift' then 'about ' || quality.in_words(m.expected, k.unit)
                    when m.low is null then 'at most ' || quality.in_words(m.high, k.unit)
                    else quality.in_words(m.low, k.unit) || ' to ' || quality.in_words(m.high, k.unit)
                end
                || coalesce(' for ' || m.season, '')
                || case
                    when m.method = 'drift'
                        then
                            '; it has been too '
                            || case when m.drift > 0 then 'high' else 'low' end
                            || ' by a little for long'
                    else
                        '; '
                        || case
                            when abs(m.deviation) >= 1000 then 'over 1,000'
                            else trim_scale(round(abs(m.deviation)::numeric, case when abs(m.deviation) < 10 then 1 else 0 end))::text
                        end
                        || ' times its usual spread ' || case when m.deviation > 0 then 'above' else 'below' end
                        || case when m.method = 'sustained' then ', for the second time in a row' else '' end
                end
        end || '.'
$$;
comment on function quality.anomaly_sentence is 'What an anomalous measurement says, in one sentence.';

create function quality.severities_of(of_run uuid, declared jsonb)
returns table (measurement_id bigint, severity text)
language sql
stable
rows 1000
as $$
    with declared_rows as (
        select d.*
        from jsonb_to_recordset(declared) as d (
            table_schema text, table_name text, column_name text, metric text, severity text
        )
    )

    -- A column's word goes before its table's.
    select m.measurement_id, coalesce(of_column.severity, of_table.severity, 'warn')
    from quality.measurements as m
    left join declared_rows as of_table
        on
            of_table.table_schema = m.table_schema and of_table.table_name = m.table_name
            and of_table.metric = m.metric and of_table.column_name is null
    left join declared_rows as of_column
        on
            of_column.table_schema = m.table_schema and of_column.table_name = m.table_name
            and of_column.metric = m.metric and of_column.column_name = m.column_name
    where m.run_id = of_run
$$;

create function quality.judge_run(of_run uuid, declared jsonb default '[]')
returns integer
language plpgsql
as $$
declare
    to_judge bigint[];
    opened integer;
begin
    -- Two runs that end together would each open an anomaly for the same series.
    perform pg_advisory_xact_lock(hashtextextended('quality.judge_run', 0));
    select coalesce(array_agg(m.measurement_id), '{}') into to_judge
    from (
        select distinct on (f.series) f.measurement_id
        from quality.measurements as f
        inner join quality.severities_of(of_run, declared) as s on s.measurement_id = f.measurement_id
        where f.run_id = of_run and f.verdict is null and s.severity <> 'off'
        order by f.series asc, f.measured_at desc, f.measurement_id desc
    ) as m;

    update quality.measurements as m
    set
        verdict = j.verdict, method = j.method, expected = j.expected, low = j.low, high = j.high, season = j.season,
        deviation = j.deviation, drift = j.drift
    from (
        select f.* from quality.judgements(to_judge) as f
        union all
        select c.measurement_id, c.verdict, c.method, c.expected, null, null, null, null, null
        from quality.comparisons(to_judge) as c
    ) as j
    where m.measurement_id = j.measurement_id;

    -- What is switched off, and what this run measured again later.
    update quality.measurements as m set verdict = 'off' where m.run_id = of_run and m.verdict is null;

    with ended as (
        update quality.anomalies as a
        set closed_at = m.measured_at, closed_because = 'normal again'
        from quality.measurements as m
        where
            m.measurement_id = any(to_judge) and m.verdict in ('normal', 'day off')
            and a.series = m.series and a.closed_at is null
        returning a.anomaly_id, a.last_at
    )

    update quality.incidents as i
    set ended_at = greatest(e.last_at, i.began_at)
    from ended as e
    where i.anomaly_id = e.anomaly_id and i.ended_at is null;

    -- Those that last, and those that are new.
    with anomalous as (
        select
            m.*, s.severity,
            quality.anomaly_sentence(m, k, c.differences) as sentence,
            case when m.method = 'drift' then m.drift > 0 else m.deviation > 0 end as is_above
        from quality.measurements as m
        inner join quality.metrics as k on k.metric = m.metric
        inner join quality.severities_of(of_run, declared) as s on s.measurement_id = m.measurement_id
        left join quality.comparisons(to_judge) as c on c.measurement_id = m.measurement_id
        where m.measurement_id = any(to_judge) and m.verdict = 'anomalous'
    ),

    written as (
        insert into quality.anomalies as a (
            table_schema, table_name, column_name, metric, series, severity, method, is_above, opened_at, opened_run,
            last_at, last_run, seen, expected, low, high, deviation, sentence
        )
        select
            n.table_schema, n.table_name, n.column_name, n.metric, n.series, n.severity, n.method, n.is_above,
            n.measured_at, n.run_id, n.measured_at, n.run_id, n.value, n.expected, n.low, n.high, n.deviation,
            n.sentence
        from anomalous as n
        on conflict (series) where closed_at is null do update
        set
            severity = excluded.severity,
            last_at = greatest(a.last_at, excluded.last_at),
            last_run = excluded.last_run,
            points = a.points + 1,
            -- Nobody has said a word for long, and it stayed so: by now it is usual.
            (closed_at, closed_because) = (
                select excluded.last_at, 'settled'
                where
                    a.state in ('open', 'acknowledged') and a.points >= 14
                    and excluded.last_at > a.opened_at + interval '28 days'
            ),
            (seen, expected, low, high, deviation, sentence) = (
                select w.seen, w.expected, w.low, w.high, w.deviation, w.sentence
                from (
                    select
                        excluded.seen, excluded.expected, excluded.low, excluded.high,
                        excluded.deviation, excluded.sentence
                    where excluded.deviation is null or abs(excluded.deviation) >= abs(a.deviation)
                    union all
                    select a.seen, a.expected, a.low, a.high, a.deviation, a.sentence
                    limit 1
                ) as w
            )
        returning a.anomaly_id, a.series, a.opened_run = of_run as is_new
    ),

    linked as (
        update quality.measurements as m
        set anomaly_id = w.anomaly_id
        from written as w
        where m.measurement_id = any(to_judge) and m.verdict = 'anomalous' and m.series = w.series
    )

    select count(*) into opened from written as w where w.is_new;
    return opened;
end
$$;
comment on function quality.judge_run is
'Judge what a run has measured, and open, continue and close anomalies; returns how many it opened. Severities come as '
'a JSON array of objects: table_schema, table_name, column_name or null, metric, and warn, error or off.';
