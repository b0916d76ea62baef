drop view quality.table_scores;
drop function quality.record_test_runs(jsonb);
drop table quality.test_runs;
