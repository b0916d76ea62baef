{% macro by_code_points(text) -%}
    {{ adapter.dispatch('by_code_points')(text) }}
{%- endmacro %}

{% macro default__by_code_points(text) -%}
    {{ text }}
{%- endmacro %}

{% macro postgres__by_code_points(text) -%}
    {#- A database's own collation may put v10 before v9, or A beside a. -#}
    {{ text }} collate "C"
{%- endmacro %}
