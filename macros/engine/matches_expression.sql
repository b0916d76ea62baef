{% macro matches_expression(text, pattern) -%}
    {{ adapter.dispatch('matches_expression')(text, pattern) }}
{%- endmacro %}

{% macro default__matches_expression(text, pattern) -%}
    regexp_like({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro postgres__matches_expression(text, pattern) -%}
    {{ text }} ~ {{ pattern }}
{%- endmacro %}
