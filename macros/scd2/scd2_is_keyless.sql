{% macro scd2_is_keyless(shape) -%}
    (
    {%- for name in shape.unique_key -%}
        {{ ' or ' if not loop.first }}{{ quoted_identifier(name) }} is null
    {%- endfor -%}
    )
{%- endmacro %}
