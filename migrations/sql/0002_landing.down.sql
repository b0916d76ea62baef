-- Landing rows can't be rebuilt from anything: a downgrade with rows in place would destroy them in silence.
do $$
begin
    if exists (select from explore.batches where outcome = 'landed') then
        raise exception 'explore.batches is not empty: landed rows would be lost. Archive and delete them first.';
    end if;
end
$$;

do $$
declare
    landing_table text;
begin
    for landing_table in
        select c.oid::regclass::text
        from pg_catalog.pg_class as c
        where c.relnamespace = 'explore'::regnamespace and c.relkind = 'p' and c.relname like 'raw\_%'
    loop
        execute format('drop table %s cascade', landing_table);
    end loop;
end
$$;

drop function explore.create_landing_table(text, text);
drop table explore.landing_template;
drop table explore.quarantine;
drop table explore.batches;
drop table explore.source_systems;
