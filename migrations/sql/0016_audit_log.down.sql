-- With the function go its triggers.
drop function compliance.log_change() cascade;
drop function compliance.audit(regclass, text[], text[], text[], text);
drop table compliance.audit_log;
drop function compliance.log_entry(text, text, text, bigint, json, json, json);
drop function compliance.object_of(text, text);
drop function compliance.gathered(jsonb, text, boolean);
drop function compliance.as_json(anyarray);
drop function compliance.as_list(text, oid, text);
drop function compliance.key_fingerprint();
drop function compliance.padded_key(integer);
drop function compliance.content_sha256(json, json, json);
drop function compliance.netstring(text);
delete from pipeline.partition_rules
where table_schema = 'compliance';

drop function pipeline.create_partition(regclass, text, tstzrange);
alter function pipeline.create_bare_partition(regclass, text, tstzrange) rename to create_partition;
drop function pipeline.copy_statement_triggers(regclass, regclass);
