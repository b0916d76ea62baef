{% test every_event_has_its_key(model) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness'}) }}

select
    count(*) as tested,
    count(case when kept.is_rejected then 1 end) as failed
from (
    select false as is_rejected from {{ scd2_sibling(model, 'events') }}
    union all
    select true as is_rejected from {{ scd2_sibling(model, 'rejected') }}
) as kept

{% endtest %}
