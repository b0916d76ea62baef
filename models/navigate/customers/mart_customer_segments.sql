with customers as (
    select * from {{ ref('dim_customer') }}
    where is_current
),

counted as (
    select
        segment,
        country_code,
        count(*) as customers,
        count(case when is_active then 1 end) as active_customers,
        cast(sum(credit_limit_eur) as numeric(20, 2)) as credit_limit_eur
    from customers
    group by segment, country_code
)

select * from counted
