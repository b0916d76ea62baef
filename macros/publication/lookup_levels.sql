{% macro lookup_levels(columns, rows) %}
    {#- Nobody is to look up what row_access hides from him: who does sees all rows. -#}
    {%- set order, needed = classification_levels(), [] -%}
    {%- for column in columns if column.lookup and (not rows or rows.unless) -%}
        {%- do needed.append([order.index(column.level), order.index(rows.unless) if rows else 0] | max) -%}
    {%- endfor -%}
    {%- set levels = [] -%}
    {%- for place in needed | unique | sort(reverse=true) -%}
        {%- do levels.append(order[place]) -%}
    {%- endfor -%}
    {{ return(levels) }}
{% endmacro %}
