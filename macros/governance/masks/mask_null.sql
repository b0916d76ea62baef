{% macro mask_null(column, data_type) -%}
    null
{%- endmacro %}
