{% macro path_above(path) -%}
    {{ adapter.dispatch('path_above')(path) }}
{%- endmacro %}

{% macro default__path_above(path) -%}
    nullif(regexp_replace({{ path }}, '/?[^/]*$', ''), '')
{%- endmacro %}
