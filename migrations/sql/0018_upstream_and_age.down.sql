drop function quality.forget(integer);
drop index quality.column_profiles_age_idx;
drop index quality.measurements_age_idx;
drop function quality.link_anomalies(uuid, jsonb);
alter table quality.anomalies drop column upstream_anomaly;
