drop function pipeline.catch_all_rows();
drop function pipeline.ensure_partitions(regclass, text, timestamptz[]);
drop function pipeline.has_partition(regclass, text, text);

-- dbt's relations live in these too: what dbt can rebuild goes with its schema. The schema pipeline stays, since it
-- holds Alembic's own version table.
drop schema navigate cascade;
drop schema navigate_base cascade;
drop schema chart cascade;
drop schema explore cascade;
drop schema quality cascade;
