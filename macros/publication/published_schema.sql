{% macro published_schema(schema) -%}
    {{ return('navigate' if schema == 'navigate_base' else schema) }}
{%- endmacro %}
