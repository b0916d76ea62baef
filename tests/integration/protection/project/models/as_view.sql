{{ config(materialized='view') }}
select * from explore.people
