{{ config(materialized='scd2', unique_key=['member_id'], updated_at='changed_at', check_cols=['city'], record_hash='city') }}

select
    member_id,
    city,
    changed_at
from bind.changes
