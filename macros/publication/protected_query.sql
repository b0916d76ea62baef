{% macro protected_query(base, columns, rows) %}
    {#- What the view selects: each column by its level, and the rows that row_access gives. -#}
    select
    {%- for column in columns %}
        {% if column.mask -%}
        case when {{ has_clearance(column.level) }} then {{ column.sql }} else {{ column.masked_sql }} end as {{ column.sql }}
        {%- else -%}
        {{ column.sql }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
    from {{ base }}
    {%- if rows %}
    where {{ has_clearance(rows.unless) ~ ' or ' if rows.unless }}({{ rows.condition }})
    {%- endif %}
{% endmacro %}
