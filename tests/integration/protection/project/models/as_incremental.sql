{{ config(materialized='incremental', unique_key='id') }}
select
    id,
    email,
    city,
    joined_on
from explore.people
