{{
    config(
        materialized='scd2',
        unique_key=['customer_id'],
        updated_at='_event_at',
        operation='_operation',
        record_hash='_sha256',
        max_closed_share=0.2
    )
}}

with changes as (
    select * from {{ ref('customer_changes') }}
),

events as (
    select
        customer_id,
        customer_name,
        email,
        phone,
        city,
        country_code,
        segment,
        credit_limit_eur,
        is_active,
        signed_up_on,
        tags,
        _event_at,
        _operation,
        _sha256
    from changes
    where {{ claimed_batches() }}
)

select * from events
