{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        indexes=[{'columns': ['customer_id', '_event_at']}, {'columns': ['_batch_id']}]
    )
}}

with changes as (
    select * from {{ ref('crm__customers') }}
),

claimed as (
    select * from changes
    where {{ claimed_batches() }}
),

cleaned as (
    select
        _batch_id,
        _line,
        _event_at,
        _received_at,
        _operation,
        _sha256,
        customer_id,
        {{ clean_text('name') }} as customer_name,
        lower({{ clean_text('email') }}) as email,
        {{ clean_phone('phone') }} as phone,
        {{ clean_text('city') }} as city,
        upper(country) as country_code,
        segment,
        cast(credit_limit as numeric(18, 2)) as credit_limit_eur,
        is_active,
        signed_up_on,
        tags
    from claimed
)

select * from cleaned
