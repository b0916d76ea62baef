-- What is asked of the data, the scores of each day, and what tables look like. docs/guides/scores.md explains them.

create table quality.dimensions (
    dimension text primary key check (dimension <> 'overall'),
    place smallint not null unique,
    definition text not null,
    weight numeric not null default 1 check (weight > 0),
    source text not null
);
comment on table quality.dimensions is 'The six dimensions of quality.';
comment on column quality.dimensions.definition is 'In this project''s words, after the source.';
comment on column quality.dimensions.weight is 'How much it counts in a table''s overall score, from the next run on.';
insert into quality.dimensions (dimension, place, definition, source)
select
    d.dimension,
    d.place,
    d.definition,
    'DAMA UK, The Six Primary Dimensions for Data Quality Assessment, October 2013' as source
from (
    values
    ('completeness', 1, 'What should be there is there.'),
    ('uniqueness', 2, 'Nothing is recorded more than once, by what identifies it.'),
    ('validity', 3, 'Values have the format, type and range that their definition asks for.'),
    ('consistency', 4, 'Two representations of the same thing don''t differ.'),
    ('accuracy', 5, 'The data describe the real thing or event correctly.'),
    ('timeliness', 6, 'The data show reality as of the time that they are needed for.')
) as d (dimension, place, definition);

alter table quality.test_runs drop constraint test_runs_dimension_check;
alter table quality.test_runs add foreign key (dimension) references quality.dimensions (dimension);

create table quality.rules (
    rule text not null,
    since timestamptz not null,
    until timestamptz,
    project text not null,
    rule_name text not null,
    check_name text not null,
    table_schema text,
    table_name text,
    column_name text,
    dimension text not null references quality.dimensions (dimension),
    weight numeric not null check (weight > 0),
    severity text not null check (severity in ('warn', 'error')),
    warn_if text not null,
    error_if text not null,
    owner text,
    primary key (rule, since),
    check (since < until),
    check ((table_schema is null) = (table_name is null))
);
comment on table quality.rules is
'What is asked of the data: a row for each span of time in which the code had a rule unchanged. Never deleted.';
comment on column quality.rules.rule is 'dbt''s unique id of the test.';
comment on column quality.rules.until is 'When a run first found it gone or changed; NULL while it stands.';
comment on column quality.rules.project is 'dbt project that declares it; a run closes rules of its own project alone.';
comment on column quality.rules.check_name is 'The generic test, or singular.';
comment on column quality.rules.warn_if is 'How many failing rows make a warning, such as > 20.';
comment on column quality.rules.error_if is 'How many failing rows make a failure, if the severity is error.';
comment on column quality.rules.owner is 'Whom the tested model''s group belongs to.';
create unique index rules_open_key on quality.rules (rule) where until is null;
create index rules_table_idx on quality.rules (table_schema, table_name);

create function quality.keep_rules(of_project text, declared jsonb)
returns void
language plpgsql
as $$
declare
    moment timestamptz;
begin
    perform pg_advisory_xact_lock(hashtextextended('quality.keep_rules', 0));
    -- Read once it is this run's turn: the start of the transaction may lie before what another run wrote meanwhile.
    moment := clock_timestamp();
    with wanted as (
        select d.*
        from jsonb_populate_recordset(null::quality.rules, declared) as d
    ),

    closed as (
        update quality.rules as r
        -- A clock that was set back must not stop a run.
        set until = greatest(moment, r.since + interval '1 microsecond')
        where
            r.until is null and r.project = of_project
            and not exists (
                select
                from wanted as w
                where
                    w.rule = r.rule
                    and (
                        w.rule_name, w.check_name, w.table_schema, w.table_name, w.column_name, w.dimension,
                        w.weight, w.severity, w.warn_if, w.error_if, w.owner
                    ) is not distinct from (
                        r.rule_name, r.check_name, r.table_schema, r.table_name, r.column_name, r.dimension,
                        r.weight, r.severity, r.warn_if, r.error_if, r.owner
                    )
            )
        returning r.rule, r.until
    ),

    latest as (
        select r.rule, max(r.until) as until
        from (select r.rule, r.until from quality.rules as r union all select c.rule, c.until from closed as c) as r
        group by r.rule
    )

    insert into quality.rules (
        rule, since, project, rule_name, check_name, table_schema, table_name, column_name, dimension, weight,
        severity, warn_if, error_if, owner
    )
    select
        w.rule, greatest(moment, l.until), of_project, w.rule_name, w.check_name, w.table_schema, w.table_name,
        w.column_name, w.dimension, w.weight, w.severity, w.warn_if, w.error_if, w.owner
    from wanted as w
    left join latest as l on l.rule = w.rule
    where
        -- As it was before this statement, so without those that it has just closed.
        not exists (select from quality.rules as r where r.rule = w.rule and r.until is null)
        or exists (select from closed as c where c.rule = w.rule);
end
$$;
comment on function quality.keep_rules is
'Keep a project''s rules, given as a JSON array of objects: close those that are gone or changed, open the new ones.';

create function quality.rule_results(of_schema text, of_table text, of_day date)
returns table (
    rule text, rule_name text, column_name text, dimension text, weight numeric, status text, last_status text,
    rows_tested bigint, rows_failed bigint, passing_share numeric
)
language sql
stable
as $$
    select distinct on (t.test)
        t.test, t.test_name, t.column_name, t.dimension, t.weight, t.status,
        first_value(t.status) over (partition by t.test order by t.executed_at desc, t.run_id asc) as last_status,
        t.rows_tested, t.rows_failed,
        -- A test over no rows, without a population or that could not run has measured nothing.
        case
            when t.status in ('pass', 'warn', 'fail') and t.rows_tested > 0
                then 1 - t.rows_failed::numeric / t.rows_tested
        end as passing_share
    from quality.test_runs as t
    where
        t.table_schema = of_schema and t.table_name = of_table
        and t.executed_at >= of_day::timestamp at time zone 'UTC'
        and t.executed_at < (of_day + 1)::timestamp at time zone 'UTC'
    -- One that was skipped takes nothing back: the table is as it was when it was tested last.
    order by t.test asc, (t.status = 'skipped') asc, t.executed_at desc, t.run_id asc
$$;
comment on function quality.rule_results is 'What each rule of a table found last on a day (UTC).';

drop view quality.table_scores;
create table quality.table_scores (
    table_schema text not null,
    table_name text not null,
    scored_on date not null,
    dimension text not null,
    score numeric(5, 2) check (score between 0 and 100),
    weight numeric not null check (weight > 0),
    rules integer not null,
    rules_measured integer not null,
    rules_failed integer not null,
    rules_errored integer not null,
    rules_skipped integer not null,
    rules_not_run integer not null,
    rows_tested bigint not null,
    rows_failed bigint not null,
    primary key (table_schema, table_name, scored_on, dimension),
    check ((score is null) = (rules_measured = 0))
);
create index table_scores_day_idx on quality.table_scores (scored_on);
comment on table quality.table_scores is
'A row per table, day (UTC) and dimension, and one that is overall. Written at the end of each run that tests.';
comment on column quality.table_scores.score is
'0 to 100, rounded down, so that 100 says that all rows passed. NULL is unmeasured, which is not 100.';
comment on column quality.table_scores.weight is 'What the dimension counts in the overall score.';
comment on column quality.table_scores.rules is 'Rules that this day has results of.';
comment on column quality.table_scores.rules_measured is 'Those that looked at rows, from which the score comes.';
comment on column quality.table_scores.rules_failed is 'Those over their threshold.';
comment on column quality.table_scores.rules_errored is 'Those that could not be asked.';
comment on column quality.table_scores.rules_skipped is 'Those that the day''s last run that came to them skipped.';
comment on column quality.table_scores.rules_not_run is 'Rules in the code that no run of this day came to.';

create function quality.score_tables(of_run uuid default null)
returns void
language plpgsql
as $$
begin
    -- Two runs that end together would each score without the other's results.
    perform pg_advisory_xact_lock(hashtextextended('quality.score_tables', 0));
    with tested as (
        select distinct t.table_schema, t.table_name, (t.executed_at at time zone 'UTC')::date as scored_on
        from quality.test_runs as t
        where t.table_name is not null and (of_run is null or t.run_id = of_run)
    ),

    results as (
        select t.table_schema, t.table_name, t.scored_on, r.*
        from tested as t
        cross join lateral quality.rule_results(t.table_schema, t.table_name, t.scored_on) as r
    ),

    of_dimensions as (
        select
            t.table_schema, t.table_name, t.scored_on, d.dimension, d.weight,
            100 * sum(r.weight * r.passing_share) / sum(r.weight) filter (where r.passing_share is not null) as score,
            count(r.rule) as rules,
            count(r.passing_share) as rules_measured,
            count(*) filter (where r.status = 'fail') as rules_failed,
            count(*) filter (where r.status = 'error') as rules_errored,
            count(*) filter (where r.last_status = 'skipped') as rules_skipped,
            (
                select count(*)
                from quality.rules as k
                where
                    k.table_schema = t.table_schema and k.table_name = t.table_name and k.dimension = d.dimension
                    and k.until is null
                    and not exists (
                        select
                        from results as ran
                        where
                            ran.table_schema = t.table_schema and ran.table_name = t.table_name
                            and ran.scored_on = t.scored_on and ran.rule = k.rule
                    )
            ) as rules_not_run,
            coalesce(sum(r.rows_tested), 0) as rows_tested,
            coalesce(sum(r.rows_failed), 0) as rows_failed
        from tested as t
        cross join quality.dimensions as d
        left join results as r
            on
                r.table_schema = t.table_schema and r.table_name = t.table_name and r.scored_on = t.scored_on
                and r.dimension = d.dimension
        group by t.table_schema, t.table_name, t.scored_on, d.dimension, d.weight
    ),

    with_overall as (
        select o.* from of_dimensions as o
        union all
        select
            o.table_schema, o.table_name, o.scored_on, 'overall', sum(o.weight),
            sum(o.weight * o.score) / sum(o.weight) filter (where o.score is not null),
            sum(o.rules), sum(o.rules_measured), sum(o.rules_failed), sum(o.rules_errored), sum(o.rules_skipped),
            sum(o.rules_not_run), sum(o.rows_tested), sum(o.rows_failed)
        from of_dimensions as o
        group by o.table_schema, o.table_name, o.scored_on
    )

    insert into quality.table_scores as s (
        table_schema, table_name, scored_on, dimension, weight, score, rules, rules_measured, rules_failed,
        rules_errored, rules_skipped, rules_not_run, rows_tested, rows_failed
    )
    select
        o.table_schema, o.table_name, o.scored_on, o.dimension, o.weight, trunc(o.score, 2), o.rules,
        o.rules_measured, o.rules_failed, o.rules_errored, o.rules_skipped, o.rules_not_run, o.rows_tested,
        o.rows_failed
    from with_overall as o
    on conflict (table_schema, table_name, scored_on, dimension) do update
    set
        weight = excluded.weight, score = excluded.score, rules = excluded.rules,
        rules_measured = excluded.rules_measured, rules_failed = excluded.rules_failed,
        rules_errored = excluded.rules_errored, rules_skipped = excluded.rules_skipped,
        rules_not_run = excluded.rules_not_run, rows_tested = excluded.rows_tested,
        rows_failed = excluded.rows_failed;
end
$$;
comment on function quality.score_tables is
'Score what a run has tested, for the days on which it did; without a run, all that was ever tested.';
-- What was tested so far.
select quality.score_tables();

create function quality.record_run(of_run uuid, of_project text, results jsonb, declared jsonb)
returns void
language plpgsql
as $$
begin
    perform quality.keep_rules(of_project, declared);
    if jsonb_array_length(results) > 0 then
        perform quality.record_test_runs(results);
        perform quality.score_tables(of_run);
    end if;
end
$$;
comment on function quality.record_run is
'Called once at the end of a dbt run: keeps its project''s rules and its results, and scores what was tested.';
