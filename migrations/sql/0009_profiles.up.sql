-- What tables look like.

create table quality.column_profiles (
    run_id uuid not null,
    profiled_at timestamptz not null,
    table_schema text not null,
    table_name text not null,
    column_name text not null,
    place smallint not null,
    data_type text not null,
    row_count bigint not null check (row_count >= 0),
    rows_read bigint not null check (rows_read >= 0),
    nulls bigint not null check (nulls between 0 and rows_read),
    distinct_count bigint not null check (distinct_count between distinct_low and distinct_high),
    distinct_low bigint not null,
    distinct_high bigint not null,
    mean double precision,
    stddev double precision,
    min_value text,
    max_value text,
    percentiles double precision[],
    min_length integer,
    max_length integer,
    mean_length double precision,
    top_values jsonb,
    primary key (run_id, table_schema, table_name, column_name, profiled_at)
) partition by range (profiled_at);
comment on table quality.column_profiles is
'What a table''s columns looked like at the end of a run that wrote to it. Of a source: what arrived since the last.';
comment on column quality.column_profiles.run_id is 'dbt''s invocation_id.';
comment on column quality.column_profiles.row_count is
'Rows of the table, or of the source''s new batches. Estimated by the planner''s statistics if not all were read.';
comment on column quality.column_profiles.rows_read is 'How many of them were looked at; fewer: a sample.';
comment on column quality.column_profiles.distinct_count is
'Different values, NULL left out. Exact if all rows were read; else estimated after Haas and Stokes (1998).';
comment on column quality.column_profiles.distinct_low is 'As many were seen.';
comment on column quality.column_profiles.distinct_high is
'As many would be there if each value that was seen once stood for others.';
comment on column quality.column_profiles.mean is
'Of numbers, and of booleans the share that is true. Only for public columns, or of 20 values or more.';
comment on column quality.column_profiles.min_value is 'With max_value; for columns that are declared public alone.';
comment on column quality.column_profiles.percentiles is
'The 5th, 25th, 50th, 75th and 95th of numbers; for columns that are declared public alone.';
comment on column quality.column_profiles.top_values is
'The ten most frequent values and how many rows have each; for columns that are declared public alone.';
create index column_profiles_table_idx on quality.column_profiles (table_schema, table_name, profiled_at);

select pipeline.declare_partitions('quality', 'column_profiles', 'year', 1, null);
select pipeline.make_due_partitions();

create function quality.column_profile_sql(column_name text, place integer, of_type regtype, is_public boolean)
returns text
language plpgsql
stable
as $$
declare
    -- Fewer values' mean would give them away, more or less.
    fewest constant integer := case when is_public then 1 else 20 end;
    category constant "char" := (select t.typcategory from pg_catalog.pg_type as t where t.oid = of_type);
    is_number constant boolean := category = 'N' and of_type <> 'money'::regtype;
    is_text constant boolean := category = 'S';
    is_shown constant boolean := is_public and category in ('N', 'B', 'S', 'D', 'E');
    number text := format('%I::double precision', column_name);
    mean text := 'null::double precision';
    told_apart text := format('md5(%I::text)', column_name);
begin
    if of_type in ('numeric'::regtype, 'real'::regtype, 'double precision'::regtype) then
        -- NaN is greater than all numbers, so it is left out, too.
        number := format('case when %1$I between -1e150 and 1e150 then %1$I::double precision end', column_name);
    end if;
    if is_number then
        mean := format('avg(%s)', number);
    elsif category = 'B' then
        mean := format('avg(%I::integer)', column_name);
    end if;
    if is_text then
        told_apart := format('%I::text collate "C"', column_name);
    elsif category in ('N', 'B', 'D', 'E') then
        told_apart := quote_ident(column_name);
    end if;
    return format(
        $sql$
        select
            %1$L::text as column_name, %2$L::smallint as place, r.seen, v.different, v.seen_once,
            case when r.seen >= %3$s then r.mean end::double precision as mean,
            case when r.seen >= %3$s then r.stddev end::double precision as stddev,
            v.min_value, v.max_value, r.percentiles, r.min_length, r.max_length, r.mean_length, v.top_values
        from (
            select
                count(%4$s) as seen, %5$s as mean, %6$s as stddev, %7$s as percentiles, %8$s
            from sampled
        ) as r
        cross join (
            select count(*) as different, count(*) filter (where g.row_count = 1) as seen_once, %9$s
            from (select %10$s as value, count(*) as row_count from sampled where %4$s is not null group by 1) as g
        ) as v
        $sql$,
        column_name, place, fewest, quote_ident(column_name), mean,
        case when is_number then format('stddev_samp(%s)', number) else 'null::double precision' end,
        case
            when is_number and is_public
                then
                    format(
                        'percentile_disc(array[0.05, 0.25, 0.5, 0.75, 0.95]) within group (order by %s)', number
                    )
            else 'null::double precision[]'
        end,
        case
            when is_text
                then
                    format(
                        'min(length(%1$I::text)) as min_length, max(length(%1$I::text)) as max_length, '
                        'avg(length(%1$I::text)) as mean_length', column_name
                    )
            else 'null::integer as min_length, null::integer as max_length, null::numeric as mean_length'
        end,
        case
            when is_shown and category <> 'B'
                then 'left(min(g.value)::text, 100) as min_value, left(max(g.value)::text, 100) as max_value, '
            else 'null::text as min_value, null::text as max_value, '
        end
        || case
            when is_shown
                then
                    'to_jsonb((array_agg(jsonb_build_object(''value'', left(g.value::text, 100), ''rows'', g.row_count) '
                    'order by g.row_count desc, g.value asc))[:10]) as top_values'
            else 'null::jsonb as top_values'
        end,
        told_apart
    );
end
$$;
comment on function quality.column_profile_sql is
'The query that profiles a column of the CTE sampled, as quality.profile_tables asks it.';

-- What a profile looks at: the columns of relation, a table, or those that the rows of query are declared to have.
create function quality.columns_to_profile(given jsonb)
returns table (column_name text, place bigint, data_type oid, type_name text)
language sql
stable
as $$
    select a.attname::text, a.attnum::bigint, a.atttypid, format_type(a.atttypid, a.atttypmod)
    from pg_catalog.pg_attribute as a
    where a.attrelid = (given ->> 'relation')::regclass and a.attnum > 0 and not a.attisdropped
    union all
    select c.value ->> 'name', c.place, (c.value ->> 'type')::regtype::oid, c.value ->> 'type'
    from jsonb_array_elements(given -> 'columns') with ordinality as c (value, place)
$$;

create function quality.profile_table(of_run uuid, given jsonb)
returns void
language plpgsql
as $$
declare
    most_rows constant bigint := (given ->> 'most_rows')::bigint;
    relation constant regclass := given ->> 'relation';
    row_count bigint := (given ->> 'row_count')::bigint;
    source_query text := given ->> 'query';
    is_part boolean;
    column_queries text;
    column_list text;
begin
    if relation is not null then
        -- The statistics that the model's post-hook has just gathered; without any, from the size.
        select coalesce(
            row_count, nullif(c.reltuples, -1)::bigint,
            (select sum(pg_relation_size(l.relid)) from pg_partition_tree(relation) as l where l.isleaf)::bigint / 100,
            pg_relation_size(relation) / 100
        )
        into row_count
        from pg_catalog.pg_class as c
        where c.oid = relation;
        source_query := format('select * from %s', relation);
        if row_count > most_rows then
            -- The same blocks as long as the table doesn't grow: what changes is the data, not the draw.
            source_query := format(
                '%s tablesample system (%s) repeatable (0)', source_query, 100.0 * most_rows / row_count
            );
        end if;
    end if;
    is_part := row_count > most_rows;

    select
        string_agg(
            quality.column_profile_sql(
                c.column_name, c.place::integer, c.data_type::regtype,
                coalesce(given -> 'public_columns' ? c.column_name, false)
            ),
            ' union all ' order by c.place
        ),
        string_agg(quote_ident(c.column_name), ', ' order by c.place)
    into column_queries, column_list
    from quality.columns_to_profile(given) as c;
    if column_queries is null then
        return;
    end if;

    execute format(
        $sql$
        with sampled as materialized (select %1$s from (%2$s) as source_rows),

        profiled as (%3$s),

        counted as (
            -- A guess of how many rows there are decides on the sample; whoever has read all of them knows.
            select count(*) as rows_read, case when $1 then greatest($2, count(*)) else count(*) end as row_count
            from sampled
        ),

        estimated as (
            select
                p.*, n.rows_read, n.row_count,
                -- Rows of the table that have a value, if the sample is like it.
                case
                    when n.rows_read > 0 then n.row_count * p.seen::numeric / n.rows_read
                    else 0
                end as values_there
            from profiled as p
            cross join counted as n
        ),

        bounded as (
            select
                e.*,
                case
                    when e.row_count = e.rows_read or e.seen = 0 then e.different
                    else e.different - e.seen_once + ceil(e.seen_once * e.values_there / e.seen)
                end as distinct_high,
                -- Haas and Stokes, Estimating the number of classes in a finite population, 1998 (Duj1).
                case
                    when e.row_count = e.rows_read or e.seen = 0 then e.different
                    else
                        e.seen * e.different::numeric
                        / (e.seen - e.seen_once + greatest(e.seen_once * e.seen / e.values_there, 0.000001))
                end as distinct_estimate
            from estimated as e
        )

        insert into quality.column_profiles (
            run_id, profiled_at, table_schema, table_name, column_name, place, data_type, row_count, rows_read, nulls,
            distinct_count, distinct_low, distinct_high, mean, stddev, min_value, max_value, percentiles, min_length,
            max_length, mean_length, top_values
        )
        select
            $3, now(), $4, $5, b.column_name, b.place, c.type_name, b.row_count, b.rows_read, b.rows_read - b.seen,
            least(greatest(round(b.distinct_estimate), b.different), b.distinct_high), b.different, b.distinct_high,
            b.mean, b.stddev, b.min_value, b.max_value, b.percentiles, b.min_length, b.max_length, b.mean_length,
            b.top_values
        from bounded as b
        inner join quality.columns_to_profile($6) as c on c.place = b.place
        $sql$,
        column_list, source_query, column_queries
    )
    using is_part, row_count, of_run, given ->> 'table_schema', given ->> 'table_name', given;
end
$$;

create function quality.claim_arrivals(of_run uuid, sources jsonb)
returns table (given jsonb)
language sql
as $$
    with wanted as (
        select s.value as given, s.value ->> 'reader' as reader
        from jsonb_array_elements(sources) as s (value)
    ),

    unread as (
        select
            w.given, w.reader, b.batch_id, b.accepted, b.received_at,
            exists (select from pipeline.batches_read as r where r.model = w.reader)
            or b.batch_id = max(b.batch_id) over (partition by w.reader) as is_new
        from wanted as w
        inner join explore.batches as b
            on b.system = w.given ->> 'system' and b.entity = w.given ->> 'entity' and b.outcome = 'landed'
        where
            not exists (
                select from pipeline.batches_read as r where r.model = w.reader and r.batch_id = b.batch_id
            )
    ),

    claimed as (
        insert into pipeline.batches_read (model, batch_id, run_id)
        -- What had arrived before there were profiles is nobody's news: only the last of it is looked at.
        select u.reader, u.batch_id, case when u.is_new then of_run else '00000000-0000-0000-0000-000000000000' end
        from unread as u
        on conflict do nothing
        returning model, batch_id, run_id
    ),

    arrived as (
        select
            u.given, sum(u.accepted)::bigint as row_count, array_agg(u.batch_id) as batches,
            min(u.received_at) as first_at, max(u.received_at) as last_at
        from unread as u
        inner join claimed as c on c.model = u.reader and c.batch_id = u.batch_id and c.run_id = of_run
        where u.accepted > 0
        group by u.given
    )

    select
        a.given || jsonb_build_object(
            'row_count', a.row_count,
            'query', format(
                'select %s from %I.%I where batch_id = any(%L::bigint[]) and received_at between %L and %L '
                -- Every so many lines, if there are too many.
                'and line %% %s = 0',
                (select string_agg(f.value ->> 'field', ', ') from jsonb_array_elements(a.given -> 'columns') as f (value)),
                a.given ->> 'table_schema', a.given ->> 'table_name', a.batches, a.first_at, a.last_at,
                greatest(ceil(a.row_count / (a.given ->> 'most_rows')::numeric), 1)
            )
        )
    from arrived as a
$$;
comment on function quality.claim_arrivals is
'Claim the batches that no profile has seen, as models claim what they read; gives the sources of these, with a query.';

create function quality.profile_tables(of_run uuid, tables jsonb, sources jsonb)
returns table (table_schema text, table_name text, complaint text)
language plpgsql
as $$
declare
    given jsonb;
begin
    perform pipeline.ensure_partitions(
        'quality.column_profiles', 'year', array[now(), now() + interval '3 months']
    );
    -- A profile isn't worth waiting for a table that somebody else is about to replace.
    perform set_config('lock_timeout', '5s', true);
    for given in
        select t.value
        from jsonb_array_elements(tables) as t (value)
        union all
        select a.given
        from quality.claim_arrivals(of_run, sources) as a
    loop
        begin
            perform quality.profile_table(of_run, given);
        exception when others then
            -- A table that can't be profiled must not cost the others theirs. The message may quote what it holds.
            table_schema := given ->> 'table_schema';
            table_name := given ->> 'table_name';
            complaint := sqlstate;
            return next;
        end;
    end loop;
end
$$;
comment on function quality.profile_tables is
'Profile what a run has written and what has arrived, each in one scan; returns those that could not be, and SQLSTATE.';
