do $$
begin
    if exists (select from compliance.pii_detections) then
        raise exception 'Detections are on record, and since when would be lost. Archive and delete them first.';
    end if;
end
$$;

drop table compliance.pii_detections;
drop table compliance.pii_tallies;
drop table compliance.pii_scans;
do $$
begin
    -- Others keep things in it, and made it if they came first.
    if not exists (select from pg_catalog.pg_depend where refobjid = 'compliance'::regnamespace) then
        drop schema compliance;
    end if;
end
$$;
