-- Never built: it stands for the table that is there.
select 1 as id
