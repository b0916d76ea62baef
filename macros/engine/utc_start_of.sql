{% macro utc_start_of(day) -%}
    {{ adapter.dispatch('utc_start_of')(day) }}
{%- endmacro %}

{% macro default__utc_start_of(day) -%}
    with_timezone(cast({{ day }} as timestamp), 'UTC')
{%- endmacro %}

{% macro postgres__utc_start_of(day) -%}
    cast({{ day }} as timestamp) at time zone 'UTC'
{%- endmacro %}
