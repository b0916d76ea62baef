-- A service's login role and its database, made or mended at each start.
-- name is a psql variable (of role and database alike), PASSWORD_FILE is in the environment.
\set password `cat "$PASSWORD_FILE"`

select format('create role %I', :'name')
where :'name' not in (select rolname from pg_roles)
\gexec
select format('alter role %I login nosuperuser nocreatedb noreplication nobypassrls password %L', :'name', :'password')
\gexec

select format('create database %I owner %I', :'name', :'name')
where :'name' not in (select datname from pg_database)
\gexec
select format('revoke all on database %I from public', :'name')
\gexec
