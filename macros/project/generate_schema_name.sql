{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- A layer's schema has the same name everywhere; environments differ by database. -#}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
