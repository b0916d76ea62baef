{% macro utc_date(moment) -%}
    {{ adapter.dispatch('utc_date')(moment) }}
{%- endmacro %}

{% macro default__utc_date(moment) -%}
    cast({{ moment }} at time zone 'UTC' as date)
{%- endmacro %}
