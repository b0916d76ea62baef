-- State tables that the audit log is about. docs/guides/audit.md says which, and which not.

-- Keys, and columns that are logged as they are: identifiers, states, moments and counts. Where inserts are
-- counted, the rows themselves are the record of what a run found.
select compliance.audit(s.state_table::regclass, s.keys::text[], s.clear::text[], inserts => s.inserts)
from (
    values
    ('explore.source_systems', '{system}', '{registered_at}', 'logged'),
    (
        'explore.batches', '{batch_id}',
        '{system, entity, origin, format, delivery, snapshot_at, content_sha256, content_bytes, contract_sha256,'
        'outcome, records_read, accepted, duplicate, quarantined, reasons, first_event_at, last_event_at, received_at,'
        'finished_at}',
        'logged'
    ),
    ('explore.quarantine', '{batch_id, line, part}', '{reason, resolved_by, resolved_at}', 'counted'),
    ('pipeline.alembic_version', '{version_num}', '{}', 'logged'),
    ('pipeline.pipelines', '{pipeline}', '{}', 'logged'),
    (
        'pipeline.pipeline_runs', '{run_id}', '{pipeline, status, atlas_version, started_at, finished_at}', 'logged'
    ),
    (
        'pipeline.task_runs', '{run_id, task}', '{kind, status, started_at, finished_at, rows_affected}', 'counted'
    ),
    ('pipeline.checkpoints', '{collector, scope}', '{updated_at}', 'logged'),
    ('pipeline.batches_read', '{model, batch_id}', '{run_id, claimed_at}', 'logged'),
    ('pipeline.partition_rules', '{table_schema, table_name}', '{granularity, ahead, keep}', 'logged'),
    ('quality.dimensions', '{dimension}', '{place, weight}', 'logged'),
    ('quality.metrics', '{metric}', '{scale, unit, alarms_when, smallest_step}', 'logged'),
    (
        'quality.rules', '{rule, since}',
        '{until, project, rule_name, check_name, table_schema, table_name, column_name, dimension, weight, severity,'
        'warn_if, error_if}', 'logged'
    ),
    (
        'quality.test_runs', '{run_id, test, executed_at}',
        '{test_name, table_schema, table_name, column_name, dimension, weight, severity, status, rows_tested,'
        'rows_failed, duration_ms}', 'counted'
    ),
    (
        'quality.table_scores', '{table_schema, table_name, scored_on, dimension}',
        '{score, weight, rules, rules_measured, rules_failed, rules_errored, rules_skipped, rules_not_run, rows_tested,'
        'rows_failed}', 'counted'
    ),
    (
        'quality.measurements', '{measurement_id}',
        '{run_id, measured_at, table_schema, table_name, column_name, metric, value, series, verdict, method, expected,'
        'low, high, season, deviation, drift, anomaly_id}', 'counted'
    ),
    (
        'quality.column_profiles', '{run_id, table_schema, table_name, column_name, profiled_at}',
        '{place, data_type, row_count, rows_read, nulls, distinct_count, distinct_low, distinct_high, min_length,'
        'max_length, mean_length}', 'counted'
    ),
    (
        'quality.anomalies', '{anomaly_id}',
        '{table_schema, table_name, column_name, metric, series, severity, method, is_above, state, opened_at,'
        'opened_run, last_at, last_run, points, closed_at, closed_because, deviation}', 'logged'
    ),
    ('quality.anomaly_feedback', '{feedback_id}', '{anomaly_id, feedback, given_by, given_at}', 'logged'),
    (
        'quality.incidents', '{incident_id}',
        '{anomaly_id, table_schema, table_name, column_name, metric, began_at, ended_at, declared_by, declared_at}',
        'logged'
    ),
    (
        'compliance.role_grants', '{grant_id}',
        '{login, login_oid, role, granted_by, granted_at, expires_at, revoked_at, revoked_by}', 'logged'
    ),
    (
        'compliance.protections', '{view_schema, view_name}',
        '{base_schema, base_name, wanted_hash, made_hash, row_condition, sees_all_rows, protected_at}', 'logged'
    ),
    (
        'compliance.column_protections', '{view_schema, view_name, column_name}', '{place, level, mask, pii}', 'logged'
    ),
    ('compliance.pseudonym_keys', '{is_the_one}', '{fingerprint, first_used_at}', 'logged'),
    (
        'compliance.pii_scans', '{part_schema, part_name}',
        '{table_schema, table_name, fingerprint, is_sample, rows_read, scanned_at, duration_ms}', 'counted'
    ),
    ('compliance.pii_tallies', '{part_schema, part_name, column_name, path}', '{looked_at}', 'counted'),
    (
        'compliance.pii_detections', '{detection_id}',
        '{table_schema, table_name, column_name, path, pattern, matched, looked_at, share, is_estimate, confidence,'
        'first_seen, last_seen, gone_at}', 'logged'
    )
) as s (state_table, keys, clear, inserts);

create function compliance.refuse_edit()
returns trigger
language plpgsql
as $$
begin
    raise exception 'What %.% was written about is never edited.', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
comment on function compliance.refuse_edit is
'Trigger on updates of columns that are fixed, so that log_change() needn''t compare them.';

-- Where many rows change state at once, what they are about is fixed: no change of state has to prove that it is still
-- the same.
create trigger fixed_columns before update of batch_id, line, part, reason, detail, raw
on explore.quarantine for each statement execute function compliance.refuse_edit();
create trigger fixed_columns before update of
measurement_id, run_id, measured_at, table_schema, table_name, column_name, metric, value, series
on quality.measurements for each statement execute function compliance.refuse_edit();
alter table explore.quarantine enable always trigger fixed_columns;
alter table quality.measurements enable always trigger fixed_columns;
select pipeline.copy_statement_triggers('quality.measurements', p.relid)
from pg_catalog.pg_partition_tree('quality.measurements') as p
where p.relid <> 'quality.measurements'::regclass;
