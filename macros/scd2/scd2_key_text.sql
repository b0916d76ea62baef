{% macro scd2_key_text(column, type) -%}
    {{ adapter.dispatch('scd2_key_text')(column, type) }}
{%- endmacro %}

{% macro postgres__scd2_key_text(column, type) -%}
    {#- Equal values have one text, whatever the session's settings are. -#}
    {%- if type.startswith('numeric') -%}
        cast(trim_scale({{ column }}) as text)
    {%- elif type == 'date' or type.startswith('timestamp') -%}
        cast(extract(epoch from {{ column }}) as text)
    {%- elif type == 'bytea' -%}
        encode({{ column }}, 'hex')
    {%- else -%}
        cast({{ column }} as text)
    {%- endif -%}
{%- endmacro %}
