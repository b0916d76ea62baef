{% macro counts_on(unit, starts_on) -%}
    case when {{ unit }} = 'week' then cast({{ starts_on }} + interval '3' day as date) else {{ starts_on }} end
{%- endmacro %}
