{% macro is_finite(moment) -%}
    {{ adapter.dispatch('is_finite')(moment) }}
{%- endmacro %}

{% macro default__is_finite(moment) -%}
    ({{ moment }} is not null)
{%- endmacro %}

{% macro postgres__is_finite(moment) -%}
    coalesce(isfinite({{ moment }}), false)
{%- endmacro %}
