-- The functions as 0001 made them.

drop function pipeline.note_catch_all_change() cascade;
drop function pipeline.make_due_partitions();
drop function pipeline.ensure_partitions(regclass, text, timestamptz[]);
drop function pipeline.create_partition(regclass, text, tstzrange);
drop function pipeline.span_bounds(regclass, tstzrange);

create or replace function pipeline.catch_all_rows()
returns table (table_name text, partition_name text, row_count bigint)
language plpgsql
stable
as $$
declare
    catch_all record;
begin
    for catch_all in
        select
            i.inhparent::regclass::text as parent_name,
            c.oid::regclass::text as child_name
        from pg_catalog.pg_inherits as i
        inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where
            n.nspname in ('explore', 'chart', 'navigate_base', 'pipeline', 'quality')
            and (
                pg_get_expr(c.relpartbound, c.oid) like 'FOR VALUES FROM (MINVALUE)%'
                or pg_get_expr(c.relpartbound, c.oid) like '%TO (MAXVALUE)'
            )
        order by 1, 2
    loop
        table_name := catch_all.parent_name;
        partition_name := catch_all.child_name;
        execute format('select count(*) from %s', catch_all.child_name) into row_count;
        if row_count > 0 then
            return next;
        end if;
    end loop;
end
$$;

create function pipeline.ensure_partitions(parent regclass, period text, moments timestamptz[])
returns integer
language plpgsql
-- pg_get_expr prints bounds in the session's time zone; partitions are cut in UTC wherever the caller sits.
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
declare
    first_moment constant timestamptz := '1970-01-01 00:00:00+00';
    end_moment constant timestamptz := '2100-01-01 00:00:00+00';
    key_type text;
    parent_schema text;
    parent_name text;
    wanted record;
    child_name text;
    made integer := 0;
begin
    if period not in ('month', 'quarter', 'year') then
        raise exception 'A partition is a month, a quarter or a year, not %.', period;
    end if;

    select n.nspname, c.relname, format_type(a.atttypid, null)
    into parent_schema, parent_name, key_type
    from pg_catalog.pg_partitioned_table as p
    inner join pg_catalog.pg_class as c on c.oid = p.partrelid
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
    where p.partrelid = parent and p.partstrat = 'r' and p.partnatts = 1;
    if not found then
        raise exception '% is not partitioned by range over one column.', parent;
    end if;

    for wanted in
        with bounds as (
            select distinct
                date_trunc(period, m.moment) as lower_bound,
                date_trunc(period, m.moment) + case period
                    when 'year' then interval '1 year'
                    when 'quarter' then interval '3 months'
                    else interval '1 month'
                end as upper_bound,
                case period
                    when 'year' then to_char(date_trunc(period, m.moment), '_YYYY')
                    when 'quarter' then to_char(date_trunc(period, m.moment), '_YYYY"q"Q')
                    else to_char(date_trunc(period, m.moment), '_YYYY_MM')
                end as suffix
            from unnest(moments) as m (moment)
            where m.moment >= first_moment and m.moment < end_moment
            union all
            select null, first_moment, '_before_1970'
            union all
            select end_moment, null, '_from_2100'
        ),
        literals as (
            select
                b.suffix,
                case
                    when b.lower_bound is null then 'MINVALUE'
                    when key_type = 'date' then quote_literal(b.lower_bound::date)
                    else quote_literal(b.lower_bound)
                end as lower_literal,
                case
                    when b.upper_bound is null then 'MAXVALUE'
                    when key_type = 'date' then quote_literal(b.upper_bound::date)
                    else quote_literal(b.upper_bound)
                end as upper_literal
            from bounds as b
        )
        select l.*
        from literals as l
        order by l.suffix
    loop
        continue when pipeline.has_partition(parent, wanted.lower_literal, wanted.upper_literal);
        -- Only whoever makes a partition waits for others who do, and looks again once it is its turn.
        perform pg_advisory_xact_lock(hashtextextended('pipeline.ensure_partitions ' || parent::oid, 0));
        continue when pipeline.has_partition(parent, wanted.lower_literal, wanted.upper_literal);

        child_name := left(parent_name, 63 - length(wanted.suffix)) || wanted.suffix;
        -- A table that dbt rebuilds stands beside its predecessor for a while, whose partitions hold the plain names.
        if to_regclass(format('%I.%I', parent_schema, child_name)) is not null then
            child_name := left(parent_name, 52 - length(wanted.suffix)) || wanted.suffix || '_' || parent::oid;
        end if;
        -- Create, then attach: CREATE … PARTITION OF would wait for every open reader of the parent.
        execute format('create table %I.%I (like %s including all)', parent_schema, child_name, parent);
        execute format(
            'alter table %s attach partition %I.%I for values from (%s) to (%s)',
            parent, parent_schema, child_name, wanted.lower_literal, wanted.upper_literal
        );
        made := made + 1;
    end loop;
    return made;
end
$$;

create function pipeline.has_partition(parent regclass, lower_literal text, upper_literal text)
returns boolean
language sql
stable
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
    select exists (
        select
        from pg_catalog.pg_inherits as i
        inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
        where
            i.inhparent = parent
            and pg_get_expr(c.relpartbound, c.oid)
            = format('FOR VALUES FROM (%s) TO (%s)', lower_literal, upper_literal)
    )
$$;

comment on function pipeline.ensure_partitions is
'Make the partitions of parent that hold moments, and the two catch-alls; returns how many were made.';

drop function pipeline.is_catch_all(tstzrange, text);
drop function pipeline.partition_spans(regclass);
drop function pipeline.moments_due(text, integer, timestamptz);
drop function pipeline.period_of(text, timestamptz);
drop function pipeline.length_of(text);
drop function pipeline.declare_partitions(text, text, text, integer, integer);
drop table pipeline.partition_rules;
