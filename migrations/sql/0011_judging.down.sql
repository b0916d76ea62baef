drop function quality.judge_run(uuid, jsonb);
drop function quality.severities_of(uuid, jsonb);
drop function quality.anomaly_sentence(quality.measurements, quality.metrics, text);
drop function quality.in_words(double precision, text);
drop function quality.comparisons(bigint[]);
drop function quality.judgements(bigint[]);
