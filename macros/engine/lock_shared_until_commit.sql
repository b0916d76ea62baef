{% macro lock_shared_until_commit(name) -%}
    {{ adapter.dispatch('lock_shared_until_commit')(name) }}
{%- endmacro %}

{% macro postgres__lock_shared_until_commit(name) -%}
    select pg_advisory_xact_lock_shared(hashtextextended({{ sql_text(name) }}, 0))
{%- endmacro %}
