do $$
begin
    if exists (select from quality.rules) then
        raise exception 'Rules are on record, and would be lost. Archive and delete them first.';
    end if;
end
$$;

drop function quality.record_run(uuid, text, jsonb, jsonb);
drop function quality.score_tables(uuid);
drop table quality.table_scores;
drop function quality.rule_results(text, text, date);
drop function quality.keep_rules(text, jsonb);
drop table quality.rules;
alter table quality.test_runs drop constraint test_runs_dimension_fkey;
alter table quality.test_runs add constraint test_runs_dimension_check check (
    dimension in ('completeness', 'uniqueness', 'validity', 'consistency', 'accuracy', 'timeliness')
);
drop table quality.dimensions;

-- The view as 0004 made it.
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
