{% test accepted_range(model, column_name, min_value=none, max_value=none) %}
{{ config(fail_calc='sum(failed)') }}

select
    count({{ column_name }}) as tested,
    count(case
        {%- if min_value is not none %} when {{ column_name }} < {{ min_value }} then 1{% endif %}
        {%- if max_value is not none %} when {{ column_name }} > {{ max_value }} then 1{% endif %}
    end) as failed
from {{ model }}

{% endtest %}
