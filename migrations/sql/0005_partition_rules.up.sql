-- What partitions each table is to have, and how rows leave the catch-alls.

create table pipeline.partition_rules (
    table_schema text not null,
    table_name text not null,
    granularity text not null check (granularity in ('month', 'quarter', 'year')),
    ahead integer not null check (ahead between 0 and 120),
    keep integer check (keep > 0),
    primary key (table_schema, table_name)
);
comment on table pipeline.partition_rules is
'How each partitioned table was last declared: by its model, its source, or a migration. By name: dbt rebuilds tables.';
comment on column pipeline.partition_rules.ahead is 'How many periods after the present one are made in advance.';
comment on column pipeline.partition_rules.keep is
'How many periods before the present one are kept; NULL for all of them.';

create function pipeline.declare_partitions(
    declared_schema text, declared_table text, granularity text, ahead integer, keep integer
)
returns void
language sql
as $$
    -- Written only if it differs: even an upsert that changes nothing would wait for others who hold the row.
    insert into pipeline.partition_rules as r (table_schema, table_name, granularity, ahead, keep)
    select declared_schema, declared_table, declare_partitions.granularity, declare_partitions.ahead,
        declare_partitions.keep
    where not exists (
        select
        from pipeline.partition_rules as known
        where
            known.table_schema = declared_schema
            and known.table_name = declared_table
            and (known.granularity, known.ahead, known.keep)
            is not distinct from (declare_partitions.granularity, declare_partitions.ahead, declare_partitions.keep)
    )
    on conflict (table_schema, table_name) do update
    set granularity = excluded.granularity, ahead = excluded.ahead, keep = excluded.keep
$$;
comment on function pipeline.declare_partitions is 'Keep a table''s rule in pipeline.partition_rules.';

create function pipeline.length_of(granularity text)
returns interval
language sql
immutable
as $$
    select case granularity
        when 'year' then interval '1 year'
        when 'quarter' then interval '3 months'
        when 'month' then interval '1 month'
    end
$$;
comment on function pipeline.length_of is 'How long a month, a quarter or a year is.';

create function pipeline.period_of(granularity text, moment timestamptz)
returns tstzrange
language sql
immutable
as $$
    select tstzrange(
        date_trunc(granularity, moment at time zone 'UTC') at time zone 'UTC',
        (date_trunc(granularity, moment at time zone 'UTC') + pipeline.length_of(granularity)) at time zone 'UTC'
    )
$$;
comment on function pipeline.period_of is 'The month, quarter or year (UTC) that holds a moment.';

create function pipeline.moments_due(granularity text, ahead integer, since timestamptz default now())
returns timestamptz[]
language sql
immutable
as $$
    select array_agg(
        (date_trunc(granularity, since at time zone 'UTC') + n * pipeline.length_of(granularity)) at time zone 'UTC'
        order by n
    )
    from generate_series(0, ahead) as n
$$;
comment on function pipeline.moments_due is 'The beginnings of a moment''s period and of those ahead of it.';

create function pipeline.partition_spans(parent regclass)
returns table (child regclass, span tstzrange)
language sql
stable
-- pg_get_expr prints bounds in the session's time zone and style.
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
    select
        c.oid::regclass,
        tstzrange(
            (regexp_match(b.bounds, 'FROM \(''([^'']*)''\)'))[1]::timestamptz,
            (regexp_match(b.bounds, 'TO \(''([^'']*)''\)'))[1]::timestamptz
        )
    from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
    cross join lateral pg_get_expr(c.relpartbound, c.oid) as b (bounds)
    where i.inhparent = parent and b.bounds <> 'DEFAULT'
$$;
comment on function pipeline.partition_spans is
'The partitions of a table and the time that each holds, in UTC; unbounded where the partition is.';

create function pipeline.is_catch_all(span tstzrange, granularity text)
returns boolean
language sql
immutable
as $$
    -- Outside of [1970, 2100) what is longer than a period lies between two that were parted from a catch-all.
    select
        lower_inf(span)
        or upper_inf(span)
        or (
            not span && '[1970-01-01 00:00:00+00, 2100-01-01 00:00:00+00)'::tstzrange
            and not span <@ pipeline.period_of(granularity, lower(span))
        )
$$;
comment on function pipeline.is_catch_all is
'Whether a partition with this span takes what has no partition of its own.';

create function pipeline.span_bounds(parent regclass, span tstzrange)
returns text
language sql
stable
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
    select format(
        'from (%s) to (%s)',
        case
            when lower_inf(span) then 'minvalue'
            when a.atttypid = 'date'::regtype then quote_literal(lower(span)::date)
            else quote_literal(lower(span))
        end,
        case
            when upper_inf(span) then 'maxvalue'
            when a.atttypid = 'date'::regtype then quote_literal(upper(span)::date)
            else quote_literal(upper(span))
        end
    )
    from pg_catalog.pg_partitioned_table as p
    inner join pg_catalog.pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
    where p.partrelid = parent
$$;
comment on function pipeline.span_bounds is 'A span as ATTACH PARTITION … FOR VALUES takes it.';

create function pipeline.create_partition(parent regclass, granularity text, span tstzrange)
returns regclass
language plpgsql
set timezone = 'UTC'
as $$
declare
    parent_schema text;
    parent_name text;
    is_period constant boolean := span = pipeline.period_of(granularity, lower(span));
    suffix text;
    stamp text := '';
    attempt integer := 0;
    stem text;
begin
    select n.nspname, c.relname
    into strict parent_schema, parent_name
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = parent;
    suffix := case
        when lower_inf(span) then to_char(upper(span), '"_before_"YYYY')
        when upper_inf(span) then to_char(lower(span), '"_from_"YYYY')
        when not is_period then to_char(lower(span), '_YYYY_MM') || to_char(upper(span), '"_to_"YYYY_MM')
        when granularity = 'year' then to_char(lower(span), '_YYYY')
        when granularity = 'quarter' then to_char(lower(span), '_YYYY"q"Q')
        else to_char(lower(span), '_YYYY_MM')
    end;
    loop
        -- Names have 63 bytes, whatever the letters; what is too long would be cut by PostgreSQL, and meet others.
        stem := parent_name;
        while octet_length(stem || suffix || stamp) > 63 loop
            stem := left(stem, -1);
        end loop;
        if to_regclass(format('%I.%I', parent_schema, stem || suffix || stamp)) is null then
            begin
                execute format(
                    'create table %I.%I (like %s including all excluding identity)',
                    parent_schema, stem || suffix || stamp, parent
                );
                return format('%I.%I', parent_schema, stem || suffix || stamp)::regclass;
            exception when duplicate_table or duplicate_object or unique_violation then
                -- Somebody else was faster with this name.
                null;
            end;
        end if;
        -- A table that dbt rebuilds stands beside its predecessor for a while, whose partitions hold the plain names.
        stamp := '_' || parent::oid || case when attempt > 0 then '_' || attempt else '' end;
        attempt := attempt + 1;
    end loop;
end
$$;
comment on function pipeline.create_partition is
'Create a table that can be attached to parent as its partition for span, under a name that is free.';

drop function pipeline.ensure_partitions(regclass, text, timestamptz[]);
drop function pipeline.has_partition(regclass, text, text);

-- No DEFAULT partition anywhere: with one, attaching a partition waits for every open reader. What lies outside of
-- [1970, 2100) goes to catch-alls by range; everything between gets its own partition before it is inserted.
create function pipeline.ensure_partitions(parent regclass, granularity text, moments timestamptz[])
returns integer
language plpgsql
as $$
declare
    covered tstzmultirange;
    is_locked boolean := false;
    missing tstzrange;
    child regclass;
    made integer := 0;
begin
    if granularity not in ('month', 'quarter', 'year') then
        raise exception 'A partition is a month, a quarter or a year, not %.', granularity;
    end if;
    if not exists (
        select
        from pg_catalog.pg_partitioned_table as p
        inner join pg_catalog.pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
        where
            p.partrelid = parent and p.partstrat = 'r' and p.partnatts = 1
            and a.atttypid in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
    ) then
        raise exception '% is not partitioned by range over one column that is a date or a time.', parent
            using hint = 'dbt makes a table anew with --full-refresh.';
    end if;

    loop
        select coalesce(range_agg(s.span), '{}') into covered from pipeline.partition_spans(parent) as s;
        exit when
            tstzmultirange(tstzrange(null, '1970-01-01 00:00:00+00'), tstzrange('2100-01-01 00:00:00+00', null))
            <@ covered
            and not exists (select from unnest(moments) as m (moment) where not covered @> m.moment);
        if not is_locked then
            -- Only whoever makes a partition waits for others who do, and looks again once it is its turn.
            perform pg_advisory_xact_lock(hashtextextended('pipeline.ensure_partitions ' || parent::oid, 0));
            is_locked := true;
            continue;
        end if;
        for missing in
            -- Of a period, what no other partition holds: a table may have been cut in another way before.
            select distinct free.span
            from (
                select pipeline.period_of(granularity, m.moment) as span, m.moment
                from unnest(moments) as m (moment)
                where not covered @> m.moment
                union all
                select tstzrange(null, '1970-01-01 00:00:00+00'), '-infinity'
                union all
                select tstzrange('2100-01-01 00:00:00+00', null), 'infinity'
            ) as wanted
            cross join lateral unnest(
                tstzmultirange(
                    case
                        when isfinite(wanted.moment)
                            then wanted.span * '[1970-01-01 00:00:00+00, 2100-01-01 00:00:00+00)'::tstzrange
                        else wanted.span
                    end
                ) - covered
            ) as free (span)
            where free.span @> wanted.moment or not isfinite(wanted.moment)
            order by 1
        loop
            -- Create, then attach: CREATE … PARTITION OF would wait for every open reader of the parent.
            child := pipeline.create_partition(parent, granularity, missing);
            execute format(
                'alter table %s attach partition %s for values %s',
                parent, child, pipeline.span_bounds(parent, missing)
            );
            made := made + 1;
        end loop;
        exit;
    end loop;
    return made;
end
$$;
comment on function pipeline.ensure_partitions is
'Make the partitions of parent that hold moments, and the catch-alls; returns how many were made.';

create function pipeline.make_due_partitions()
returns integer
language sql
as $$
    select coalesce(
        sum(pipeline.ensure_partitions(c.oid, r.granularity, pipeline.moments_due(r.granularity, r.ahead))), 0
    )::integer
    from pipeline.partition_rules as r
    inner join pg_catalog.pg_namespace as n on n.nspname = r.table_schema
    inner join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = r.table_name and c.relkind = 'p'
$$;
comment on function pipeline.make_due_partitions is
'Make what is due ahead in all declared tables that are there; returns how many partitions were made.';

-- Rows in the catch-alls are kept, but somebody should know of them: usually a wrong clock or a wrong unit.
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
            p.partrelid::regclass::text as parent_name,
            s.child::text as child_name
        from pg_catalog.pg_partitioned_table as p
        inner join pg_catalog.pg_class as c on c.oid = p.partrelid
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        left join pipeline.partition_rules as r on r.table_schema = n.nspname and r.table_name = c.relname
        cross join lateral pipeline.partition_spans(p.partrelid) as s
        where
            n.nspname in ('explore', 'chart', 'navigate_base', 'pipeline', 'quality')
            and pipeline.is_catch_all(s.span, coalesce(r.granularity, 'year'))
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

-- While rows of a catch-all are copied to partitions of their own, others may come and go: this notes them, in a
-- table that is there for that time. Named by the catch-all's number, so that nobody can have it write elsewhere.
create function pipeline.note_catch_all_change()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    notes constant text := format('pipeline.changes_of_%s', tg_relid);
begin
    -- Whoever writes must not fail over it. Whoever moves does: without its notes, nothing is put in place.
    if to_regclass(notes) is null then
        return null;
    end if;
    if tg_op in ('UPDATE', 'DELETE') then
        execute format('insert into %s select pg_current_xact_id(), ''remove'', ($1).*', notes) using old;
    end if;
    if tg_op in ('UPDATE', 'INSERT') then
        execute format('insert into %s select pg_current_xact_id(), ''add'', ($1).*', notes) using new;
    end if;
    if tg_op = 'TRUNCATE' then
        execute format('insert into %s values (pg_current_xact_id(), ''lost'')', notes);
    end if;
    return null;
exception when others then
    -- The table was altered, say, since its notes began: they can't be used any more.
    execute format('insert into %s values (pg_current_xact_id(), ''lost'')', notes);
    return null;
end
$$;
comment on function pipeline.note_catch_all_change is
'Trigger of a catch-all whose rows are being moved; see atlas partitions.';

-- What is there already, as its migrations made it.
select pipeline.declare_partitions('quality', 'test_runs', 'year', 1, null);
select pipeline.declare_partitions('explore', c.relname, 'month', 3, null)
from pg_catalog.pg_class as c
where c.relnamespace = 'explore'::regnamespace and c.relkind = 'p' and c.relname like 'raw\_%';
-- What dbt made says its own rule when it is built next.
with found as (
    select distinct on (n.nspname, c.relname)
        n.nspname as table_schema,
        c.relname as table_name,
        g.granularity
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    cross join lateral pipeline.partition_spans(c.oid) as s
    cross join unnest(array['month', 'quarter', 'year']) as g (granularity)
    where
        n.nspname in ('chart', 'navigate_base')
        and c.relkind = 'p'
        and pipeline.period_of(g.granularity, lower(s.span)) = s.span
    order by n.nspname, c.relname
)

select pipeline.declare_partitions(found.table_schema, found.table_name, found.granularity, 1, null)
from found;

select pipeline.make_due_partitions();
