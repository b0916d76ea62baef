{% macro clean_phone(text) -%}
    {{ adapter.dispatch('clean_phone')(text) }}
{%- endmacro %}

{% macro default__clean_phone(text) -%}
    nullif(regexp_replace({{ text }}, '[^0-9+]', ''), '')
{%- endmacro %}

{% macro postgres__clean_phone(text) -%}
    nullif(regexp_replace({{ text }}, '[^0-9+]', '', 'g'), '')
{%- endmacro %}
