{% macro scd2_drop_set_aside(target, held) %}
    {#- After the hooks: until then the published view reads it. In the same transaction, so that nothing is left over. -#}
    {% if held.type is not none %}
        {% do adapter.drop_relation(make_backup_relation(target, held.type)) %}
    {% endif %}
{% endmacro %}
