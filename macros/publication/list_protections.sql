{% macro list_protections() %}
    {#- For `atlas protect`: what protects each published table, and the statements that would bring it about. -#}
    {% do check_declarations() %}
    {% for node in graph.nodes.values() if published_schema(node.schema) != node.schema %}
        {% if node.resource_type in ('model', 'snapshot', 'seed') and node.config.enabled %}
            {% set base = api.Relation.create(schema=node.schema, identifier=node.alias) %}
            {% set wanted = protection(node, base) %}
            {% do log('protection ' ~ tojson({
                'view_name': wanted.view.identifier,
                'is_built': wanted.columns | length > 0,
                'wanted_hash': wanted.wanted_hash,
                'has_barrier': wanted.rows is not none,
                'columns': wanted.columns,
                'statements': [publish_view(wanted), comment_view(wanted.view, node), keep_protection(wanted)]
            })) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
