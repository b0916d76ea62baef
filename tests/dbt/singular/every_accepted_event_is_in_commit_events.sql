-- Fails if the landing accepted a commit's event and no one downstream will ever see it.
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness', 'table': 'commit_events'}) }}

with landed as (
    select * from {{ ref('git__commits') }}
),

read_batches as (
    {{ batches_read_by('commit_events') }}
),

cleaned as (
    select * from {{ ref('commit_events') }}
)

select
    count(*) as tested,
    count(case when cleaned._batch_id is null then 1 end) as failed
from landed
inner join read_batches on landed._batch_id = read_batches.batch_id
left outer join cleaned on landed._batch_id = cleaned._batch_id and landed._line = cleaned._line
