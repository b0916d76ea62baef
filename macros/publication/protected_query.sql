{% macro protected_query(base, columns, rows) %}
    {#- What the view selects: each column by its level, and the rows that row_access gives. Where columns can be looked up,
        those who are cleared for them read a branch of their own, whose columns indexes serve. Which branch is asked
        once, so that a clearance that changes meanwhile gives no row twice. -#}
    {%- set levels = lookup_levels(columns, rows) -%}
    {%- if not levels -%}
    {{ protected_branch(base, columns, rows) }}
    {%- else -%}
    select {{ columns | map(attribute='sql') | join(', ') }}
    from (
        {%- for level in levels %}
        {{ protected_branch(base, columns, rows, level) }}
        union all
        {%- endfor %}
        {{ protected_branch(base, columns, rows, 'public') }}
    ) as branches
    where "cleared for" = (
        select case
            {%- for level in levels %}
            when {{ has_clearance(level) }} then {{ sql_text(level) }}
            {%- endfor %}
            else 'public'
        end
    )
    {%- endif -%}
{% endmacro %}
