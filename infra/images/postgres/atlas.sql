-- What Atlas needs beyond a login and a database, made or mended at each start.

-- Migrations make the group roles. In PostgreSQL 17 this reaches only roles that atlas itself made.
alter role atlas createrole;
-- dbt works as atlas_owner, and stops statements of atlas when it is interrupted: migrations pass this on.
grant pg_signal_backend to atlas with admin option;
revoke all on database postgres, template1 from public;

\connect atlas
create extension if not exists btree_gist;
create extension if not exists pg_stat_statements;
create extension if not exists pgaudit;
create extension if not exists postgis;
-- After a newer image.
alter extension btree_gist update;
alter extension pg_stat_statements update;
alter extension pgaudit update;
alter extension postgis update;
