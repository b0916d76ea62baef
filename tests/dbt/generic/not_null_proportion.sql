{% test not_null_proportion(model, column_name, at_least) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness'}) }}
{%- do check_number('at_least', at_least, at_least=0, at_most=1) %}

select
    count(*) as tested,
    case when count({{ column_name }}) < {{ at_least }} * count(*) then count(*) - count({{ column_name }}) else 0 end as failed
from {{ model }}

{% endtest %}
