{{ config(materialized='scd2', unique_key=['id'], updated_at='at', operation='operation', record_hash='hash',
    max_closed_share=1, indexes=[{'columns': ['email']}]) }}
select
    id,
    email,
    cast('2024-01-01 00:00:00+00' as timestamptz) as at,
    'upsert' as operation,
    md5(coalesce(email, '')) as hash
from explore.people
