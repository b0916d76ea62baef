{% macro scd2_drop_set_aside(target, held) %}
    {#- After the hooks: until then the published view reads it. In the same transaction, so that nothing is left over. -#}
    {% if held.type is not none %}
        {% do adapter.drop_relation(scd2_sibling(target, 'before').incorporate(type=held.type)) %}
    {% endif %}
{% endmacro %}
