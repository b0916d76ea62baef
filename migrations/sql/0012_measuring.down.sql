do $$
begin
    if exists (
        select from quality.measurements as m where m.metric in ('quarantined_share', 'duplicate_share')
    ) then
        raise exception 'Measurements are on record, and would be lost. Archive and delete them first.';
    end if;
end
$$;

drop function quality.measure_run(uuid, jsonb, jsonb);
drop function quality.measure_sources(uuid, jsonb);
drop function quality.measure_columns(uuid);
drop function quality.category_shifts(uuid);
delete from quality.metrics
where metric in ('quarantined_share', 'duplicate_share');
