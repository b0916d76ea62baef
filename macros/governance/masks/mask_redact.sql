{% macro mask_redact(column, data_type) -%}
    case when {{ column }} is not null then '***' end
{%- endmacro %}
