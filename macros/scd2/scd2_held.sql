{% macro scd2_held(target) %}
    {#- Asked of the database and not of dbt's cache, which was filled before the lock was held. -#}
    {%- set events = scd2_sibling(target, 'events') -%}
    {%- set found = run_query(adapter.dispatch('scd2_held_sql')(target, events)).rows[0] -%}
    {%- set held = {
        'type': found['type'],
        'versions': scd2_columns(target),
        'events': scd2_columns(events),
        'rules': fromjson(found['rules'], none) if found['rules'] else none,
    } -%}
    {%- set is_ours = held.type == 'table' and 'version_key' in held.versions and 'prev_to' in held.versions -%}
    {% if is_ours and not held.events and not should_full_refresh() %}
        {% do scd2_refuse(
            'its change events (' ~ events.include(database=false) ~ ') are gone, so what arrives late could not be '
            ~ 'placed. Rebuild it: dbt run --full-refresh --select ' ~ model.name
        ) %}
    {% endif %}
    {% do held.update({'is_ours': is_ours, 'starts_over': should_full_refresh() or not is_ours}) %}
    {{ return(held) }}
{% endmacro %}

{% macro postgres__scd2_held_sql(target, events) %}
    select
        (
            select case relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end
            from pg_catalog.pg_class
            where oid = to_regclass({{ sql_text(target.include(database=false).render()) }})
        ) as type,
        substring(
            obj_description(to_regclass({{ sql_text(events.include(database=false).render()) }}), 'pg_class') from 'Rules: (.*)$'
        ) as rules
{% endmacro %}
