-- Marquez has no password here any more: its data stays, its login ends.
select 'alter role marquez nologin'
where 'marquez' in (select rolname from pg_roles)
\gexec
