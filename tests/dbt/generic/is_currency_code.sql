{% test is_currency_code(model, column_name, also=[]) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{%- if also is string or also is not sequence or also | reject('string') | list -%}
    {%- do refuse_argument('also', 'must be a list of codes.') -%}
{%- endif %}

select
    count({{ column_name }}) as tested,
    count(case when {{ column_name }} not in (
        {%- for code in currency_codes() + also -%}
            {{ sql_text(code) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ) then 1 end) as failed
from {{ model }}

{% endtest %}
