-- What is measured at the end of a run, from what it recorded, profiled and claimed. 0011 judges it.

insert into quality.metrics (metric, scale, unit, alarms_when, smallest_step, wording) values
('quarantined_share', 'share', 'share', 'above', 0.01, 'Share of records that are refused'),
('duplicate_share', 'share', 'share', 'above', 0.02, 'Share of records that had arrived before');

create function quality.category_shifts(of_run uuid)
returns table (table_schema text, table_name text, column_name text, psi double precision)
language sql
stable
as $$
    -- The population stability index of the most frequent values, all others taken for one, against the mean of the
    -- last profiles that no incident fell upon.
    with seen as (
        select p.*
        from quality.column_profiles as p
        where p.run_id = of_run and p.profiled_at >= now() - interval '1 day' and p.top_values is not null
    ),

    past as (
        select b.*
        from seen as s
        cross join lateral (
            select p.run_id, p.table_schema, p.table_name, p.column_name, p.top_values, p.rows_read - p.nulls as counted
            from quality.column_profiles as p
            where
                p.table_schema = s.table_schema and p.table_name = s.table_name and p.column_name = s.column_name
                and p.profiled_at < s.profiled_at and p.run_id <> of_run and p.top_values is not null
                and not exists (
                    select
                    from quality.incidents as i
                    where
                        i.table_schema = p.table_schema and i.table_name = p.table_name
                        and coalesce(i.column_name, p.column_name) = p.column_name
                        and p.profiled_at >= i.began_at and p.profiled_at <= coalesce(i.ended_at, 'infinity')
                )
            order by p.profiled_at desc
            limit 20
        ) as b
    ),

    past_runs as (
        select p.table_schema, p.table_name, p.column_name, count(*) as runs
        from past as p
        group by p.table_schema, p.table_name, p.column_name
    ),

    expected as (
        select p.table_schema, p.table_name, p.column_name, v.item ->> 'value' as value,
            sum((v.item ->> 'rows')::double precision / p.counted) / min(r.runs) as share
        from past as p
        inner join past_runs as r using (table_schema, table_name, column_name)
        cross join lateral jsonb_array_elements(p.top_values) as v (item)
        group by p.table_schema, p.table_name, p.column_name, v.item ->> 'value'
    ),

    found as (
        select s.table_schema, s.table_name, s.column_name, v.item ->> 'value' as value,
            (v.item ->> 'rows')::double precision / (s.rows_read - s.nulls) as share
        from seen as s
        inner join past_runs as r using (table_schema, table_name, column_name)
        cross join lateral jsonb_array_elements(s.top_values) as v (item)
    ),

    compared as (
        select table_schema, table_name, column_name, coalesce(f.share, 0) as found, coalesce(e.share, 0) as expected
        from found as f
        full join expected as e using (table_schema, table_name, column_name, value)
    ),

    with_others as (
        select c.*, true as is_named from compared as c
        union all
        select c.table_schema, c.table_name, c.column_name, 1 - sum(c.found), 1 - sum(c.expected), false
        from compared as c
        group by c.table_schema, c.table_name, c.column_name
    )

    select
        w.table_schema, w.table_name, w.column_name,
        -- What is absent on one side counts as one in a thousand, or it would weigh without end.
        sum(
            (greatest(w.found, 0.001) - greatest(w.expected, 0.001))
            * ln(greatest(w.found, 0.001) / greatest(w.expected, 0.001))
        )
    from with_others as w
    group by w.table_schema, w.table_name, w.column_name
    -- Of a column where hardly two rows agree, the most frequent values say nothing.
    having sum(w.expected) filter (where w.is_named) >= 0.5
$$;
comment on function quality.category_shifts is
'How far the public columns that a run has profiled are from what they were: below 0.1 hardly, above 0.25 a lot.';

create function quality.measure_columns(of_run uuid)
returns table (table_schema text, table_name text, column_name text, metric text, value double precision)
language sql
stable
as $$
    select p.table_schema, p.table_name, p.column_name, m.metric, m.value
    from quality.column_profiles as p
    cross join lateral (
        values
        ('null_share', p.nulls::double precision / p.rows_read),
        (
            'distinct_share',
            p.distinct_count * p.rows_read::double precision / nullif(p.row_count * (p.rows_read - p.nulls), 0)
        ),
        ('mean', p.mean),
        ('median', p.percentiles[3]),
        ('stddev', p.stddev)
    ) as m (metric, value)
    where
        p.run_id = of_run and p.profiled_at >= now() - interval '1 day' and p.rows_read > 0 and m.value is not null
        -- Bookkeeping, such as the batch: it goes up by itself, and says nothing of the data.
        and not starts_with(p.column_name, '_')
    union all
    select c.table_schema, c.table_name, c.column_name, 'category_shift', greatest(c.psi, 0)
    from quality.category_shifts(of_run) as c
$$;

create function quality.measure_sources(of_run uuid, sources jsonb)
returns table (table_schema text, table_name text, metric text, value double precision)
language sql
stable
as $$
    with given as (
        select
            s.value ->> 'reader' as reader, s.value ->> 'system' as system, s.value ->> 'entity' as entity,
            s.value ->> 'table_schema' as table_schema, s.value ->> 'table_name' as table_name
        from jsonb_array_elements(sources) as s (value)
    )

    -- Also when nothing arrives, and just then.
    select
        g.table_schema, g.table_name, 'freshness_seconds',
        extract(epoch from now() - max(b.received_at))::double precision
    from given as g
    inner join explore.batches as b on b.system = g.system and b.entity = g.entity
    where b.outcome = 'landed' and b.accepted > 0
    group by g.table_schema, g.table_name
    union all
    select a.table_schema, a.table_name, m.metric, m.value
    from (
        select
            g.table_schema, g.table_name, sum(b.accepted)::double precision as accepted,
            sum(b.duplicate)::double precision as duplicate, sum(b.quarantined)::double precision as quarantined,
            nullif(sum(b.records_read), 0) as records_read
        from given as g
        inner join pipeline.batches_read as r on r.model = g.reader and r.run_id = of_run
        inner join explore.batches as b on b.batch_id = r.batch_id
        group by g.table_schema, g.table_name
    ) as a
    cross join lateral (
        values
        ('rows_added', a.accepted),
        ('duplicate_share', a.duplicate / a.records_read),
        ('quarantined_share', a.quarantined / a.records_read)
    ) as m (metric, value)
    where m.value is not null
$$;

create function quality.measure_run(of_run uuid, built jsonb, sources jsonb)
returns void
language sql
as $$
    with given as (
        select g.*
        from jsonb_to_recordset(built) as g (
            table_schema text, table_name text, seconds double precision, rows_added double precision
        )
    ),

    profiled as (
        select
            p.table_schema, p.table_name, min(p.row_count) as row_count,
            jsonb_object_agg(p.column_name, p.data_type) as columns
        from quality.column_profiles as p
        inner join given as g on g.table_schema = p.table_schema and g.table_name = p.table_name
        where p.run_id = of_run and p.profiled_at >= now() - interval '1 day'
        group by p.table_schema, p.table_name
    )

    insert into quality.measurements (
        run_id, measured_at, table_schema, table_name, column_name, metric, value, detail
    )
    select of_run, now(), m.table_schema, m.table_name, m.column_name, m.metric, m.value, m.detail
    from (
        select
            g.table_schema, g.table_name, null::text as column_name, 'run_seconds' as metric, g.seconds as value,
            null::jsonb as detail
        from given as g
        union all
        select g.table_schema, g.table_name, null, 'rows_added', g.rows_added, null
        from given as g
        where g.rows_added > 0
        union all
        select p.table_schema, p.table_name, null, 'row_count', p.row_count, null
        from profiled as p
        union all
        select
            p.table_schema, p.table_name, null, 'schema_hash',
            -- 48 bits, which a double holds exactly.
            ('x' || left(md5(p.columns::text), 12))::bit(48)::bigint, p.columns
        from profiled as p
        union all
        select
            t.table_schema, t.table_name, null, 'failed_share',
            sum(t.weight * t.rows_failed / t.rows_tested) / sum(t.weight), null
        from quality.test_runs as t
        where
            t.run_id = of_run and t.executed_at >= now() - interval '1 day' and t.table_name is not null
            and t.status in ('pass', 'warn', 'fail') and t.rows_tested > 0
        group by t.table_schema, t.table_name
        union all
        select c.table_schema, c.table_name, c.column_name, c.metric, c.value, null
        from quality.measure_columns(of_run) as c
        union all
        select s.table_schema, s.table_name, null, s.metric, s.value, null
        from quality.measure_sources(of_run, sources) as s
    ) as m
$$;
comment on function quality.measure_run is
'Measure what a run has built, given as a JSON array of objects, what it tested and profiled, and the sources.';
