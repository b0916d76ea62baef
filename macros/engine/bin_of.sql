{% macro bin_of(expression, cuts) -%}
    {{ adapter.dispatch('bin_of')(expression, cuts) }}
{%- endmacro %}

{% macro default__bin_of(expression, cuts) -%}
    width_bucket({{ expression }}, {{ cuts }})
{%- endmacro %}
