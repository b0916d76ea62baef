{% macro cast_text(text, data_type) -%}
    {{ adapter.dispatch('cast_text')(text, data_type) }}
{%- endmacro %}

{% macro postgres__cast_text(text, data_type) -%}
    {%- if data_type == 'text' -%}
        {{ text }}
    {%- elif data_type == 'integer' -%}
        {#- JSON writes the same whole number as 1, 1.0 and 1e0. -#}
        {{ text }}::numeric::bigint
    {%- elif data_type == 'timestamptz' -%}
        {{ cast_rfc3339(text) }}
    {%- elif data_type in ('numeric', 'boolean', 'date', 'uuid') -%}
        {{ text }}::{{ data_type }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error('A source has no type ' ~ data_type ~ '.') -%}
    {%- endif -%}
{%- endmacro %}
