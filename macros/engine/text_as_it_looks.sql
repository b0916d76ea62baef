{% macro text_as_it_looks(text) -%}
    {{ adapter.dispatch('text_as_it_looks')(text) }}
{%- endmacro %}

{% macro default__text_as_it_looks(text) -%}
    trim(normalize(cast({{ text }} as text), nfc))
{%- endmacro %}

{% macro postgres__text_as_it_looks(text) -%}
    regexp_replace(normalize(cast({{ text }} as text), nfc), '^\s+|\s+$', '', 'g')
{%- endmacro %}
