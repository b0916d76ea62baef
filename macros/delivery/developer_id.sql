{% macro developer_id(email, name) -%}
    coalesce({{ email }}, {{ name }}, '(nobody)')
{%- endmacro %}
