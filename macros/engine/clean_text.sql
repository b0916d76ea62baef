{% macro clean_text(text) -%}
    {{ adapter.dispatch('clean_text')(text) }}
{%- endmacro %}

{% macro default__clean_text(text) -%}
    nullif(trim(regexp_replace({{ text }}, '\s+', ' ')), '')
{%- endmacro %}

{% macro postgres__clean_text(text) -%}
    nullif(trim(regexp_replace({{ text }}, '\s+', ' ', 'g')), '')
{%- endmacro %}
