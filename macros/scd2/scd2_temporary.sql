{% macro scd2_temporary(name, query) -%}
    {{ adapter.dispatch('scd2_temporary')(name, query) }}
{%- endmacro %}

{% macro default__scd2_temporary(name, query) -%}
    create temporary table {{ scd2_scratch(name) }} as (
    {{ query }}
    )
{%- endmacro %}

{% macro postgres__scd2_temporary(name, query) -%}
    create temporary table {{ scd2_scratch(name) }} on commit drop as (
    {{ query }}
    )
{%- endmacro %}
