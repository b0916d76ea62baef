{% macro scd2_set_aside(target, held) %}
    {% if held.type is not none %}
        {% set aside = scd2_sibling(target, 'before').incorporate(type=held.type) %}
        {% do adapter.rename_relation(target.incorporate(type=held.type), aside) %}
    {% endif %}
{% endmacro %}
