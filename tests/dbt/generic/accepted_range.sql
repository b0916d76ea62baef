{% test accepted_range(model, column_name, min_value=none, max_value=none, ends='closed') %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{%- do check_bounds(min_value, max_value) -%}
{%- do check_choice('ends', ends, ['closed', 'open', 'closed_open', 'open_closed']) %}

select
    count({{ column_name }}) as tested,
    count(case
        {%- if min_value is not none %}
        when {{ column_name }} {{ '<' if ends in ('closed', 'closed_open') else '<=' }} {{ min_value }} then 1
        {%- endif %}
        {%- if max_value is not none %}
        when {{ column_name }} {{ '>' if ends in ('closed', 'open_closed') else '>=' }} {{ max_value }} then 1
        {%- endif %}
    end) as failed
from {{ model }}

{% endtest %}
