{% test row_count_between(model, min_value=none, max_value=none) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness'}) }}
{%- do check_bounds(min_value, max_value) -%}
{%- do check_number('min_value', min_value, at_least=0, whole=true) if min_value is not none -%}
{%- do check_number('max_value', max_value, at_least=0, whole=true) if max_value is not none %}

select
    1 as tested,
    case
        {%- if min_value is not none %}
        when count(*) < {{ min_value }} then 1
        {%- endif %}
        {%- if max_value is not none %}
        when count(*) > {{ max_value }} then 1
        {%- endif %}
        else 0
    end as failed
from {{ model }}

{% endtest %}
