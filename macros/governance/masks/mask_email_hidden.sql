{% macro mask_email_hidden(column, data_type) -%}
    case when {{ column }} is not null then 'hidden@hidden.invalid' end
{%- endmacro %}
