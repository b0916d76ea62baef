{% macro period_end(period, starts_on) -%}
    {%- set months = {'month': 1, 'quarter': 3, 'half_year': 6} -%}
    {%- set length = "interval '7' day" if period == 'week' else "interval '" ~ months[period] ~ "' month" -%}
    cast({{ starts_on }} + {{ length }} - interval '1' day as date)
{%- endmacro %}
