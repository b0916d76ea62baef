{% macro committed_on(committed_at) -%}
    {#- The table is cut by this day, so it can't be NULL: what has no date is filed under the first day there is. -#}
    coalesce({{ utc_date(committed_at) }}, date '0001-01-01')
{%- endmacro %}
