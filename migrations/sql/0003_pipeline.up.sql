-- What ran, what it did, and how far each reader has read.

create table pipeline.pipelines (
    pipeline text primary key check (pipeline ~ '^[a-z][a-z0-9_ ]{0,62}$'),
    description text not null
);
comment on table pipeline.pipelines is 'What can run. Runs refer to it.';
insert into pipeline.pipelines (pipeline, description) values
('build', 'dbt build: models, tests and scores');

create table pipeline.pipeline_runs (
    run_id uuid primary key,
    pipeline text not null references pipeline.pipelines (pipeline),
    status text not null check (status in ('running', 'succeeded', 'failed', 'interrupted')),
    arguments text not null default '',
    atlas_version text not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    message text,
    check ((status = 'running') = (finished_at is null)),
    check (started_at <= finished_at)
);
comment on table pipeline.pipeline_runs is
'One row per run. A run that was killed is closed as interrupted by the next.';
create index pipeline_runs_started_idx on pipeline.pipeline_runs (started_at);

create table pipeline.task_runs (
    run_id uuid not null references pipeline.pipeline_runs (run_id) on delete cascade,
    task text not null,
    kind text not null,
    status text not null check (status in ('succeeded', 'warned', 'failed', 'skipped')),
    started_at timestamptz,
    finished_at timestamptz,
    rows_affected bigint,
    message text,
    primary key (run_id, task),
    check (started_at <= finished_at)
);
comment on table pipeline.task_runs is 'One row per dbt node or other step of a run.';

create table pipeline.checkpoints (
    collector text not null,
    scope text not null,
    cursor jsonb not null check (jsonb_typeof(cursor) = 'object'),
    updated_at timestamptz not null default now(),
    primary key (collector, scope)
);
comment on table pipeline.checkpoints is
'How far a collector has come in a scope (a repository, say); moves in the transaction that lands what it read.';

create table pipeline.batches_read (
    model text not null,
    batch_id bigint not null references explore.batches (batch_id) on delete cascade,
    run_id uuid not null,
    claimed_at timestamptz not null default now(),
    primary key (model, batch_id)
);
comment on table pipeline.batches_read is
'Which committed batches a model has read; claimed by a pre-hook in the transaction that reads them.';
comment on column pipeline.batches_read.run_id is 'dbt''s invocation_id.';
create index batches_read_run_idx on pipeline.batches_read (model, run_id);
