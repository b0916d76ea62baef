-- Results of tests, and the scores that follow from them.

create table quality.test_runs (
    run_id uuid not null,
    test text not null,
    test_name text not null,
    table_schema text,
    table_name text,
    column_name text,
    dimension text not null check (
        dimension in ('completeness', 'uniqueness', 'validity', 'consistency', 'accuracy', 'timeliness')
    ),
    weight numeric not null default 1 check (weight > 0),
    severity text not null check (severity in ('warn', 'error')),
    status text not null check (status in ('pass', 'warn', 'fail', 'error', 'skipped')),
    rows_tested bigint check (rows_tested >= 0),
    rows_failed bigint check (rows_failed >= 0),
    duration_ms bigint not null check (duration_ms >= 0),
    executed_at timestamptz not null,
    primary key (run_id, test, executed_at),
    check (rows_failed <= rows_tested),
    check ((table_schema is null) = (table_name is null))
) partition by range (executed_at);
comment on table quality.test_runs is
'One row per dbt test and run; written by one statement at the end of each dbt build or dbt test.';
comment on column quality.test_runs.run_id is 'dbt''s invocation_id.';
comment on column quality.test_runs.rows_tested is
'Rows that the test looked at; NULL where it doesn''t say, which counts as unmeasured.';
create index test_runs_table_idx on quality.test_runs (table_schema, table_name, executed_at);

select pipeline.ensure_partitions('quality.test_runs', 'year', array[now(), now() + interval '3 months']);

create function quality.record_test_runs(results jsonb)
returns bigint
language plpgsql
as $$
declare
    recorded bigint;
begin
    perform pipeline.ensure_partitions(
        'quality.test_runs', 'year', array[now(), now() + interval '3 months']
    );
    insert into quality.test_runs (
        run_id, test, test_name, table_schema, table_name, column_name, dimension, weight, severity, status,
        rows_tested, rows_failed, duration_ms, executed_at
    )
    select
        r.run_id, r.test, r.test_name, r.table_schema, r.table_name, r.column_name, r.dimension,
        coalesce(r.weight, 1), r.severity, r.status, r.rows_tested,
        -- A test may count a row's failures rather than the rows that fail.
        least(r.rows_failed, r.rows_tested), r.duration_ms, now()
    from jsonb_to_recordset(results) as r (
        run_id uuid, test text, test_name text, table_schema text, table_name text, column_name text,
        dimension text, weight numeric, severity text, status text, rows_tested bigint, rows_failed bigint,
        duration_ms bigint
    );
    get diagnostics recorded = row_count;
    return recorded;
end
$$;
comment on function quality.record_test_runs is
'Record the results of one dbt run, given as a JSON array of objects; returns how many.';

-- The formula stands in docs/guides/scores.md, with an example worked by hand that a test repeats.
create view quality.table_scores as
with latest as (
    select distinct on (t.table_schema, t.table_name, t.test, (t.executed_at at time zone 'UTC')::date)
        t.table_schema,
        t.table_name,
        t.dimension,
        t.weight,
        t.status,
        t.rows_tested,
        t.rows_failed,
        (t.executed_at at time zone 'UTC')::date as scored_on
    from quality.test_runs as t
    where t.table_name is not null and t.status <> 'skipped'
    order by
        t.table_schema asc,
        t.table_name asc,
        t.test asc,
        (t.executed_at at time zone 'UTC')::date asc,
        t.executed_at desc,
        t.run_id asc
),

shares as (
    select
        l.*,
        -- A test over no rows, without a population or that could not run has measured nothing.
        case
            when l.status <> 'error' and l.rows_tested > 0 then 1 - l.rows_failed::numeric / l.rows_tested
        end as passing_share
    from latest as l
),

dimensions as (
    select
        s.table_schema,
        s.table_name,
        s.scored_on,
        s.dimension,
        round(
            100 * sum(s.weight * s.passing_share) / sum(s.weight) filter (where s.passing_share is not null), 2
        ) as score,
        count(*) as tests,
        count(*) filter (where s.passing_share is null) as tests_unmeasured,
        count(*) filter (where s.status in ('fail', 'error')) as tests_failed,
        sum(s.rows_tested)::bigint as rows_tested,
        sum(s.rows_failed)::bigint as rows_failed
    from shares as s
    group by s.table_schema, s.table_name, s.scored_on, s.dimension
)

select
    d.table_schema,
    d.table_name,
    d.scored_on,
    d.dimension,
    d.score,
    d.tests,
    d.tests_unmeasured,
    d.tests_failed,
    d.rows_tested,
    d.rows_failed
from dimensions as d
union all
select
    d.table_schema,
    d.table_name,
    d.scored_on,
    'overall' as dimension,
    round(avg(d.score), 2) as score,
    sum(d.tests)::bigint as tests,
    sum(d.tests_unmeasured)::bigint as tests_unmeasured,
    sum(d.tests_failed)::bigint as tests_failed,
    sum(d.rows_tested)::bigint as rows_tested,
    sum(d.rows_failed)::bigint as rows_failed
from dimensions as d
group by d.table_schema, d.table_name, d.scored_on;

comment on view quality.table_scores is
'Scores from 0 to 100 per table, UTC day and dimension, and overall; NULL is unmeasured, which is not the same as 100.';
