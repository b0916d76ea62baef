{% test not_null(model, column_name) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness'}) }}

select
    count(*) as tested,
    count(case when {{ column_name }} is null then 1 end) as failed
from {{ model }}

{% endtest %}
