{% macro quoted_identifier(name) -%}
    {{ adapter.quote(name | replace('"', '""')) }}
{%- endmacro %}
