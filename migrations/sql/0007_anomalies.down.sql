do $$
begin
    if exists (select from quality.anomaly_feedback) or exists (select from quality.incidents) then
        raise exception 'quality.anomaly_feedback or quality.incidents is not empty: what people said would be lost. '
            'Archive and delete their rows first.';
    end if;
end
$$;

drop function quality.give_feedback(bigint, text, text, timestamptz, timestamptz);
drop table quality.incidents;
drop table quality.anomaly_feedback;
drop table quality.measurements;
drop table quality.anomalies;
drop table quality.metrics;
