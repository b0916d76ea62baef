{% macro protected_branch(base, columns, rows, level=none) %}
    {%- set order = classification_levels() -%}
    {%- set is_open = level not in (none, 'public') %}
    select
    {%- if level %}
        cast({{ sql_text(level) }} as text) as "cleared for",
    {%- endif %}
    {%- for column in columns %}
        {% if is_open and column.lookup and order.index(column.level) <= order.index(level) -%}
        {{ looked_up(column.sql) }} as {{ column.sql }}
        {%- elif column.mask -%}
        case when {{ has_clearance(column.level) }} then {{ column.sql }} else {{ column.masked_sql }} end as {{ column.sql }}
        {%- elif rows -%}
        {#- Bare, its statistics and indexes would tell of the rows that aren't shown. #}
        case when {{ has_clearance(column.level) }} then {{ column.sql }} end as {{ column.sql }}
        {%- else -%}
        {{ column.sql }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
    from {{ base }}
    {%- if rows and not is_open %}
    where {{ has_clearance(rows.unless) ~ ' or ' if rows.unless }}({{ rows.condition }})
    {%- endif %}
{%- endmacro %}
