{% macro parent_tables() %}
    {% set found = [] %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') %}
        {% for parent_id in node.depends_on.nodes %}
            {% set parent = graph.nodes.get(parent_id) or graph.sources.get(parent_id) %}
            {% if parent %}
                {% do found.append({
                    'table_schema': published_schema(node.schema),
                    'table_name': node.alias,
                    'parent_schema': published_schema(parent.schema),
                    'parent_name': parent.identifier if parent.resource_type == 'source' else parent.alias
                }) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
