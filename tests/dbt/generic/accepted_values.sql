{% test accepted_values(model, column_name, values, quote=true) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{%- if values is string or values is not sequence or not values -%}
    {%- do refuse_argument('values', 'must be a list with a value in it.') -%}
{%- endif %}

select
    count({{ column_name }}) as tested,
    count(case when {{ column_name }} not in (
        {%- for value in values -%}
            {{ sql_text(value | string) if quote else value }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ) then 1 end) as failed
from {{ model }}

{% endtest %}
