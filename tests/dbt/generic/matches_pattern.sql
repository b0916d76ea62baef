{% test matches_pattern(model, column_name, pattern) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}

select
    count({{ column_name }}) as tested,
    count(case when not {{ matches(column_name, pattern) }} then 1 end) as failed
from {{ model }}

{% endtest %}
