{% macro category_of(expression, shares, cuts) -%}
    {%- if cuts -%}
        cast({{ bin_of(expression, cuts) }} as varchar)
    {%- elif shares -%}
        case when cast({{ expression }} as varchar) in (
            {%- for value in shares -%}{{ sql_text(value | string) }}{{ ', ' if not loop.last }}{%- endfor -%}
        ) then cast({{ expression }} as varchar) end
    {%- else -%}
        {{ expression }}
    {%- endif -%}
{%- endmacro %}
