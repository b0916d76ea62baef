{% macro lock_until_commit(name) -%}
    {{ adapter.dispatch('lock_until_commit')(name) }}
{%- endmacro %}

{% macro postgres__lock_until_commit(name) -%}
    select pg_advisory_xact_lock(hashtextextended({{ sql_text(name) }}, 0))
{%- endmacro %}
