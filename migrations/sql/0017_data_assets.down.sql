-- The next run of a newer version writes it anew; what was changed in it, the audit log keeps.
drop function compliance.record_assets(uuid, jsonb);
drop view compliance.asset_readers;
drop table compliance.data_assets;
