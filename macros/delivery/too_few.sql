{% macro too_few(n) -%}
    {{ n }} < 5
{%- endmacro %}
