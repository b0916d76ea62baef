{% macro scd2_set_aside(target, held) %}
    {% if held.type is not none %}
        {% set existing = target.incorporate(type=held.type) %}
        {% do adapter.rename_relation(existing, make_backup_relation(target, held.type)) %}
    {% endif %}
{% endmacro %}
