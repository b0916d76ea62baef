do $$
begin
    if exists (select from compliance.audit_seals) then
        raise exception 'The audit log is sealed, and would be lost. Export it and drop compliance.audit_seals first.';
    end if;
end
$$;

drop function compliance.retire_audit_log(regclass);
drop function compliance.seal_audit_log(integer);
drop function compliance.seal_sha256(
    bigint, timestamptz, text, integer, xid8, pg_snapshot, bigint, int8multirange, bigint, bytea, bytea
);
drop function compliance.entry_sha256(compliance.audit_log);
drop table compliance.audit_seals;
drop function compliance.erase_audit_entry(bigint, text);
drop function compliance.keep(regclass, text);
drop function compliance.keep_as_written() cascade;
