with changes as (
    select * from {{ ref('customer_changes') }}
),

latest_changes as (
    {{ latest_by('changes', ['customer_id']) }}
),

present as (
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
        _event_at as changed_at
    from latest_changes
    where _operation = 'upsert'
)

select * from present
