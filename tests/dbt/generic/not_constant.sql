{% test not_constant(model, column_name) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}

with two_values as (
    select distinct {{ column_name }} as any_value
    from {{ model }}
    where {{ column_name }} is not null
    limit 2
)

select
    count(case when value_count > 0 then 1 end) as tested,
    count(case when value_count = 1 then 1 end) as failed
from (select count(*) as value_count from two_values) as counted

{% endtest %}
