-- Which anomaly upstream another one follows, and how long measurements and profiles are kept.

alter table quality.anomalies add column upstream_anomaly bigint references quality.anomalies (anomaly_id);
comment on column quality.anomalies.upstream_anomaly is
'The anomaly that a run found beside this one in a table that this table is made of: the farthest upstream, and there '
'the one most like it.';

create function quality.link_anomalies(of_run uuid, parents jsonb)
returns void
language sql
set jit = off
as $$
    with recursive alarmed as (
        select a.*
        from quality.anomalies as a
        where a.last_run = of_run
    ),

    made_of as (
        select p.*
        from jsonb_to_recordset(parents) as p (
            table_schema text, table_name text, parent_schema text, parent_name text
        )
    ),

    -- Of alarmed tables, all that is upstream.
    ancestry as (
        select m.*
        from made_of as m
        where (m.table_schema, m.table_name) in (select a.table_schema, a.table_name from alarmed as a)
        union
        select y.table_schema, y.table_name, m.parent_schema, m.parent_name
        from ancestry as y
        inner join made_of as m on m.table_schema = y.parent_schema and m.table_name = y.parent_name
    ),

    -- How long a table took to build is no cause of what is in another.
    suspects as (
        select
            y.table_schema, y.table_name, y.parent_schema, y.parent_name,
            a.anomaly_id, a.column_name, a.metric, a.deviation
        from ancestry as y
        inner join alarmed as a
            on a.table_schema = y.parent_schema and a.table_name = y.parent_name and a.metric <> 'run_seconds'
    ),

    roots as (
        select s.*
        from suspects as s
        where
            not exists (
                select
                from suspects as u
                where u.table_schema = s.parent_schema and u.table_name = s.parent_name
            )
    ),

    followed as (
        select distinct on (a.anomaly_id) a.anomaly_id, r.anomaly_id as upstream_anomaly
        from alarmed as a
        inner join roots as r on r.table_schema = a.table_schema and r.table_name = a.table_name
        order by
            a.anomaly_id asc,
            (r.column_name is not distinct from a.column_name) desc,
            (r.metric = a.metric) desc,
            abs(r.deviation) desc nulls last,
            r.anomaly_id asc
    )

    update quality.anomalies as a
    set upstream_anomaly = f.upstream_anomaly
    from followed as f
    where a.anomaly_id = f.anomaly_id and a.upstream_anomaly is distinct from f.upstream_anomaly
$$;
comment on function quality.link_anomalies is
'Note of the anomalies that a run has found which of them follow others upstream. What each table is made of comes as '
'a JSON array of objects: table_schema, table_name, parent_schema, parent_name.';

create index measurements_age_idx on quality.measurements (measured_at);
create index column_profiles_age_idx on quality.column_profiles (profiled_at);

create function quality.forget(kept_days integer)
returns void
language plpgsql
as $$
begin
    -- Whoever does it at the same moment does it for both.
    if kept_days is null or not pg_try_advisory_xact_lock(hashtextextended('quality.forget', 0)) then
        return;
    end if;
    delete from quality.measurements as m where m.measured_at < now() - make_interval(days => kept_days);
    delete from quality.column_profiles as p where p.profiled_at < now() - make_interval(days => kept_days);
end
$$;
comment on function quality.forget is
'Delete measurements and profiles of columns that are older than so many days; none if it is NULL.';
