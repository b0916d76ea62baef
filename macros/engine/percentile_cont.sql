{% macro percentile_cont(expression, share) -%}
    {{ adapter.dispatch('percentile_cont')(expression, share) }}
{%- endmacro %}

{% macro default__percentile_cont(expression, share) -%}
    {%- do exceptions.raise_compiler_error('This engine has no exact percentile_cont yet.') -%}
{%- endmacro %}

{% macro postgres__percentile_cont(expression, share) -%}
    percentile_cont({{ share }}) within group (order by {{ expression }})
{%- endmacro %}
