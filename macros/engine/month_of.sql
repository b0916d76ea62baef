{% macro month_of(day) -%}
    {{ adapter.dispatch('month_of')(day) }}
{%- endmacro %}

{% macro default__month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{% macro postgres__month_of(day) -%}
    {#- Of a date, Postgres would make a time in the session's zone. -#}
    cast(date_trunc('month', cast({{ day }} as timestamp)) as date)
{%- endmacro %}
