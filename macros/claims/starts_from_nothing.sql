{% macro starts_from_nothing() %}
    {% set existing = load_cached_relation(this) %}
    {{ return(existing is none or existing.type != 'table' or should_full_refresh()) }}
{% endmacro %}
