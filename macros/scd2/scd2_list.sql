{% macro scd2_list(names, table=none, wrap=none) -%}
    {%- for name in names -%}
        {%- set column = (table ~ '.' if table else '') ~ quoted_identifier(name) -%}
        {{ wrap ~ '(' ~ column ~ ') over timeline' if wrap else column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
