{% macro sql_texts(values) -%}
    {%- for value in values -%}
        {{ sql_text(value) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
