{% macro starts_from_nothing() %}
    {% if model.config.materialized == 'scd2' %}
        {#- Asked of the database: another first run may have ended since dbt filled its cache. A dimension that is scd2
            from now on, but was built otherwise before, has no events yet. -#}
        {% set held = scd2_columns(this) and scd2_columns(scd2_sibling(this, 'events')) %}
    {% else %}
        {% set existing = load_cached_relation(this) %}
        {% set held = existing is not none and existing.type == 'table' %}
    {% endif %}
    {{ return(not held or should_full_refresh()) }}
{% endmacro %}
