-- What is measured at the end of each run, what was anomalous in it, and what people say of that.
-- docs/guides/quality.md explains it; 0010_judging holds the functions that judge.

create table quality.metrics (
    metric text primary key,
    scale text not null check (scale in ('log', 'share', 'root', 'plain', 'compared')),
    unit text not null check (unit in ('rows', 'share', 'seconds', 'number', 'columns')),
    alarms_when text not null check (alarms_when in ('above', 'either')),
    smallest_step double precision not null check (smallest_step >= 0),
    wording text not null
);
comment on table quality.metrics is 'What can be measured of a table or a column, and on which scale it is judged.';
comment on column quality.metrics.scale is
'log: ln(1 + value), for what varies by a factor. share: the arcsine of its root, whose noise is alike from 0 to 1, '
'and which takes 0 and 1 themselves. root: the square root. compared: not statistical, same or not.';
comment on column quality.metrics.smallest_step is
'The least spread on the scale, so that a constant series doesn''t alarm on rounding; relative to the value if plain.';
insert into quality.metrics (metric, scale, unit, alarms_when, smallest_step, wording) values
('row_count', 'log', 'rows', 'either', 0.01, 'Rows'),
('rows_added', 'log', 'rows', 'either', 0.02, 'Rows added'),
('freshness_seconds', 'log', 'seconds', 'above', 0.15, 'Age of the newest data'),
('null_share', 'share', 'share', 'either', 0.01, 'Share of NULLs'),
('distinct_share', 'share', 'share', 'either', 0.01, 'Share of distinct values'),
('mean', 'plain', 'number', 'either', 0.005, 'Mean'),
('median', 'plain', 'number', 'either', 0.005, 'Median'),
('stddev', 'plain', 'number', 'either', 0.01, 'Standard deviation'),
('category_shift', 'root', 'number', 'above', 0.04, 'Shift between categories (PSI)'),
('schema_hash', 'compared', 'columns', 'either', 0, 'Columns'),
('run_seconds', 'log', 'seconds', 'above', 0.2, 'Run time'),
('failed_share', 'share', 'share', 'above', 0.01, 'Share of rows that fail their tests');

create table quality.anomalies (
    anomaly_id bigint generated always as identity primary key,
    table_schema text not null,
    table_name text not null,
    column_name text,
    metric text not null references quality.metrics (metric),
    series bigint not null,
    severity text not null check (severity in ('warn', 'error')),
    method text not null check (method in ('point', 'sustained', 'drift', 'compared')),
    is_above boolean,
    state text not null default 'open' check (state in ('open', 'acknowledged', 'expected', 'incident')),
    opened_at timestamptz not null,
    opened_run uuid not null,
    last_at timestamptz not null,
    last_run uuid not null,
    points integer not null default 1 check (points > 0),
    closed_at timestamptz,
    closed_because text check (closed_because in ('normal again', 'feedback', 'settled')),
    seen double precision,
    expected double precision,
    low double precision,
    high double precision,
    deviation double precision,
    sentence text not null,
    check (opened_at <= last_at),
    check ((closed_at is null) = (closed_because is null))
);
comment on table quality.anomalies is
'A row per stretch of anomalous measurements of one series, however long it lasts.';
comment on column quality.anomalies.series is 'As in quality.measurements.';
comment on column quality.anomalies.method is
'point: far off at once. sustained: off, twice in a row. drift: a little off for long. compared: not as before.';
comment on column quality.anomalies.closed_because is
'normal again: by itself. feedback: somebody said that it was expected. settled: it lasted so long that it is usual '
'by now.';
comment on column quality.anomalies.seen is
'With expected, low, high and deviation: where it was farthest off. Deviation is in units of the usual spread.';
-- One at a time for a series.
create unique index anomalies_lasting_key on quality.anomalies (series) where closed_at is null;
create index anomalies_series_idx on quality.anomalies (series, opened_at);

create table quality.measurements (
    measurement_id bigint generated always as identity primary key,
    run_id uuid not null,
    measured_at timestamptz not null default now(),
    table_schema text not null,
    table_name text not null,
    column_name text,
    metric text not null references quality.metrics (metric),
    value double precision,
    detail jsonb,
    series bigint not null generated always as (
        hashtextextended(
            quote_ident(table_schema) || '.' || quote_ident(table_name) || '.'
            || coalesce(quote_ident(column_name), '') || '.' || metric,
            0
        )
    ) stored,
    verdict text check (verdict in ('unmeasured', 'off', 'learning', 'normal', 'day off', 'anomalous')),
    method text check (method in ('point', 'sustained', 'drift', 'compared')),
    expected double precision,
    low double precision,
    high double precision,
    season text,
    deviation double precision,
    drift double precision,
    anomaly_id bigint references quality.anomalies (anomaly_id)
);
comment on table quality.measurements is
'One number about a table or a column at the end of a run, and how it was judged against those before.';
comment on column quality.measurements.run_id is 'dbt''s invocation_id.';
comment on column quality.measurements.value is 'NULL, NaN and infinity are kept, but neither judged nor learned from.';
comment on column quality.measurements.detail is
'What a number can''t say: for schema_hash, an object of column → type.';
comment on column quality.measurements.series is 'The same for all measurements of one metric of one table or column.';
comment on column quality.measurements.verdict is
'NULL until it is judged. learning: too little history to say. day off: a weekday like a Sunday; once is no alarm.';
comment on column quality.measurements.low is 'With high, what would not have been an alarm by itself.';
comment on column quality.measurements.deviation is 'Distance from what was expected, in units of the usual spread.';
comment on column quality.measurements.drift is
'Distance of the last ten days'' level from that of the weeks before, in units of what chance would make of it.';
create index measurements_series_idx on quality.measurements (series, measured_at);
create index measurements_run_idx on quality.measurements (run_id);
create index measurements_anomaly_idx on quality.measurements (anomaly_id) where anomaly_id is not null;

create table quality.anomaly_feedback (
    feedback_id bigint generated always as identity primary key,
    anomaly_id bigint not null references quality.anomalies (anomaly_id),
    feedback text not null check (feedback in ('acknowledged', 'expected', 'incident')),
    note text,
    given_by text not null default session_user,
    given_at timestamptz not null default clock_timestamp()
);
comment on table quality.anomaly_feedback is 'What people said of an anomaly; the last word counts.';
create index anomaly_feedback_anomaly_idx on quality.anomaly_feedback (anomaly_id);

create table quality.incidents (
    incident_id bigint generated always as identity primary key,
    anomaly_id bigint references quality.anomalies (anomaly_id),
    table_schema text not null,
    table_name text not null,
    column_name text,
    metric text references quality.metrics (metric),
    began_at timestamptz not null,
    ended_at timestamptz,
    note text,
    declared_by text not null default session_user,
    declared_at timestamptz not null default clock_timestamp(),
    check (began_at <= ended_at),
    check (column_name is null or metric is not null)
);
comment on table quality.incidents is 'Spans of time in which the data were wrong: nothing is learned from them.';
comment on column quality.incidents.metric is 'NULL: all metrics of the table and of its columns.';
comment on column quality.incidents.ended_at is 'NULL: it lasts; the first normal measurement ends it.';
create index incidents_table_idx on quality.incidents (table_schema, table_name);
create index incidents_anomaly_idx on quality.incidents (anomaly_id);

create function quality.give_feedback(
    of_anomaly bigint, of_feedback text, of_note text default null,
    since timestamptz default null, until timestamptz default null
)
returns void
language plpgsql
as $$
declare
    found_anomaly quality.anomalies;
begin
    -- Not while a run is being judged by what this changes.
    perform pg_advisory_xact_lock(hashtextextended('quality.judge_run', 0));
    select a.* into found_anomaly from quality.anomalies as a where a.anomaly_id = of_anomaly for update;
    if not found then
        raise exception 'There is no anomaly %.', of_anomaly using errcode = 'no_data_found';
    end if;
    insert into quality.anomaly_feedback (anomaly_id, feedback, note) values (of_anomaly, of_feedback, of_note);
    -- The last word counts: an incident that turns out to be as expected is none.
    delete from quality.incidents where anomaly_id = of_anomaly;
    if of_feedback = 'incident' then
        insert into quality.incidents (
            anomaly_id, table_schema, table_name, column_name, metric, began_at, ended_at, note
        )
        values (
            of_anomaly, found_anomaly.table_schema, found_anomaly.table_name, found_anomaly.column_name,
            found_anomaly.metric, coalesce(since, found_anomaly.opened_at),
            coalesce(until, case when found_anomaly.closed_at is not null then found_anomaly.last_at end), of_note
        );
    end if;
    update quality.anomalies
    set
        state = of_feedback,
        closed_at = case when of_feedback = 'expected' then coalesce(closed_at, clock_timestamp()) else closed_at end,
        closed_because = case when of_feedback = 'expected' then coalesce(closed_because, 'feedback') else closed_because end
    where anomaly_id = of_anomaly;
end
$$;
comment on function quality.give_feedback is
'Say of an anomaly that it is acknowledged (somebody looks at it), expected (learn from it) or an incident (don''t).';
