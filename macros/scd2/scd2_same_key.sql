{% macro scd2_same_key(shape, left, right) -%}
    {%- for name in shape.unique_key -%}
        {{ 'and ' if not loop.first }}{{ left }}.{{ quoted_identifier(name) }} = {{ right }}.{{ quoted_identifier(name) }}
        {{- ' ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
