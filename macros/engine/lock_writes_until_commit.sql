{% macro lock_writes_until_commit(relation) -%}
    {{ adapter.dispatch('lock_writes_until_commit')(relation) }}
{%- endmacro %}

{% macro postgres__lock_writes_until_commit(relation) -%}
    lock table {{ relation }} in share row exclusive mode
{%- endmacro %}
