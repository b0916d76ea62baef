-- Fails if a batch holds other rows than its receipt says: something was lost, doubled or written past the landing.
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'consistency', 'table': 'crm__customers'}) }}

with landed as (
    select * from {{ ref('crm__customers') }}
),

row_counts as (
    select
        _batch_id,
        count(*) as row_count
    from landed
    group by _batch_id
),

receipts as (
    {{ batch_receipts('crm', 'customers') }}
)

select
    count(*) as tested,
    count(case when receipts.accepted <> coalesce(row_counts.row_count, 0) then 1 end) as failed
from receipts
left outer join row_counts on receipts.batch_id = row_counts._batch_id
