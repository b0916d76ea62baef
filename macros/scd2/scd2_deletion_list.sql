{% macro scd2_deletion_list(shape, table, moment) -%}
    {%- for name, type in shape.columns.items() -%}
        {%- if name == shape.updated_at -%}
            {{ moment }}
        {%- elif name in shape.unique_key -%}
            {{ table }}.{{ quoted_identifier(name) }}
        {%- else -%}
            cast(null as {{ type }})
        {%- endif -%}
        {{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
