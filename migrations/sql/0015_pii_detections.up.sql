-- What `atlas scan` found, and what that rests on. No column here holds a value that was scanned.

create schema if not exists compliance;

create table compliance.pii_scans (
    part_schema text not null,
    part_name text not null,
    table_schema text not null,
    table_name text not null,
    fingerprint text not null,
    is_sample boolean not null,
    rows_read bigint not null check (rows_read >= 0),
    skipped jsonb not null default '{}' check (jsonb_typeof(skipped) = 'object'),
    scanned_at timestamptz not null default clock_timestamp(),
    duration_ms bigint not null check (duration_ms >= 0),
    primary key (part_schema, part_name)
);
comment on table compliance.pii_scans is
'The last scan of each part: a partition, or a table that has none. One that has not changed since is not read again.';
comment on column compliance.pii_scans.table_schema is
'With table_name, the table that it is a part of: of a partition the outermost parent, else the part itself.';
comment on column compliance.pii_scans.fingerprint is
'What tells whether the part has changed: its storage, columns, counted changes, and the code that looked.';
comment on column compliance.pii_scans.skipped is
'Columns that could not be looked into, wholly or in part: name → why.';
create index pii_scans_table_idx on compliance.pii_scans (table_schema, table_name);

create table compliance.pii_tallies (
    part_schema text not null,
    part_name text not null,
    column_name text not null,
    path text not null,
    looked_at bigint not null check (looked_at >= 0),
    patterns jsonb not null default '{}' check (jsonb_typeof(patterns) = 'object'),
    primary key (part_schema, part_name, column_name, path),
    foreign key (part_schema, part_name) references compliance.pii_scans on delete cascade
);
comment on table compliance.pii_tallies is
'What a scan counted in a part, by column and path. Detections are judged on the sums over all parts.';
comment on column compliance.pii_tallies.path is
'Path within a document or an array, such as items[*].email; else empty.';
comment on column compliance.pii_tallies.looked_at is 'Values that were there; one row may hold several in a document.';
comment on column compliance.pii_tallies.patterns is
'By pattern: candidates (values in its shape), checked (those that the validator was asked of), certain (say '
'themselves what they are), likely (may be it, if the column speaks for them), and the shapes of both, with counts.';

create table compliance.pii_detections (
    detection_id bigint generated always as identity primary key,
    table_schema text not null,
    table_name text not null,
    column_name text not null,
    path text not null,
    pattern text not null check (pattern ~ '^[a-z][a-z0-9_]*$'),
    matched bigint not null check (matched > 0),
    looked_at bigint not null check (looked_at >= matched),
    share double precision not null generated always as (matched::double precision / looked_at) stored,
    is_estimate boolean not null,
    confidence numeric(3, 2) not null check (confidence between 0.5 and 1),
    reasons text[] not null check (cardinality(reasons) > 0),
    evidence text[] not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null check (last_seen >= first_seen),
    gone_at timestamptz check (gone_at >= last_seen),
    unique (table_schema, table_name, column_name, path, pattern)
);
comment on table compliance.pii_detections is
'Personal data that was found, by table, column, path and pattern. What is not there any '
'more keeps its row, with gone_at.';
comment on column compliance.pii_detections.path is
'Path within a document or an array, such as items[*].email; else empty.';
comment on column compliance.pii_detections.pattern is 'Code of compliance.pii_patterns.';
comment on column compliance.pii_detections.matched is 'Values that are it, of those looked at.';
comment on column compliance.pii_detections.is_estimate is
'Whether matched was reckoned from a part of the candidates, or of the rows.';
comment on column compliance.pii_detections.confidence is 'From 0.5, below which nothing counts as found, to 1.';
comment on column compliance.pii_detections.reasons is 'Why, a sentence each.';
comment on column compliance.pii_detections.evidence is
'Shapes of values that were found, the most frequent first: • is a letter, # a digit. Never a value.';
comment on column compliance.pii_detections.gone_at is
'When a whole scan did not find it any more; NULL while it is there.';
