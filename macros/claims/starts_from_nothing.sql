{% macro starts_from_nothing() %}
    {#- A dimension that is scd2 from now on, but was built otherwise before, has no events yet. -#}
    {% set needed = [this, scd2_sibling(this, 'events')] if model.config.materialized == 'scd2' else [this] %}
    {% for relation in needed %}
        {% set existing = load_cached_relation(relation) %}
        {% if existing is none or existing.type != 'table' %}
            {{ return(true) }}
        {% endif %}
    {% endfor %}
    {{ return(should_full_refresh()) }}
{% endmacro %}
