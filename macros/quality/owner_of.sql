{% macro owner_of(node) %}
    {% if node.config.meta.get('owner') %}
        {{ return(node.config.meta.owner) }}
    {% endif %}
    {% for group in graph.groups.values() if group.name == node.config.group %}
        {{ return(group.owner.name or group.owner.email) }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}
