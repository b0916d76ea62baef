do $$
declare
    audited record;
begin
    for audited in
        select t.tgrelid::regclass as name, t.tgname
        from pg_catalog.pg_trigger as t
        where
            t.tgfoid in ('compliance.log_change'::regproc, 'compliance.refuse_edit'::regproc)
            and t.tgrelid <> 'compliance.data_assets'::regclass
    loop
        execute format('drop trigger %I on %s', audited.tgname, audited.name);
    end loop;
end
$$;

drop function compliance.refuse_edit();
