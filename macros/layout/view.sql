{% materialization view, adapter='postgres' %}
    {#- dbt's own renames the old view away and drops it with all that others built upon it. -#}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if existing is not none and (should_full_refresh() or not existing.is_view) %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}
    {% set create_sql = get_create_view_as_sql(target_relation, sql) %}
    {% call statement('replace_view') -%}
        {{ create_sql }}
    {%- endcall %}
    {% call noop_statement('main', 'CREATE VIEW', 'CREATE VIEW') -%}
        {{ create_sql }}
    {%- endcall %}
    {% do persist_docs(target_relation, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
