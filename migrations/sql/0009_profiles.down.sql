do $$
begin
    if exists (select from quality.column_profiles) then
        raise exception 'Profiles are on record, and would be lost. Archive and delete them first.';
    end if;
end
$$;

drop function quality.profile_tables(uuid, jsonb, jsonb);
drop function quality.claim_arrivals(uuid, jsonb);
drop function quality.profile_table(uuid, jsonb);
drop function quality.columns_to_profile(jsonb);
drop function quality.column_profile_sql(text, integer, regtype, boolean);
drop table quality.column_profiles;
delete from pipeline.batches_read
where model like 'source.%';
delete from pipeline.partition_rules
where table_schema = 'quality' and table_name = 'column_profiles';
