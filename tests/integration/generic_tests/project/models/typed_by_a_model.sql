-- Never built: it stands for the table that is there.
{{ config(schema='cases', alias='typed') }}
select 1 as id
