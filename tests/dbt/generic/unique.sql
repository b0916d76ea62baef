{% test unique(model, column_name) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'uniqueness'}) }}

with copies as (
    select count(*) as row_count
    from {{ model }}
    where {{ column_name }} is not null
    group by {{ column_name }}
)

select
    coalesce(sum(row_count), 0) as tested,
    coalesce(sum(case when row_count > 1 then row_count end), 0) as failed
from copies

{% endtest %}
