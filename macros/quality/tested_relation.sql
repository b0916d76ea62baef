{% macro tested_relation(node) %}
    {% set parents = [] %}
    {% for parent_id in node.depends_on.nodes %}
        {% do parents.append(graph.sources.get(parent_id) or graph.nodes.get(parent_id)) %}
    {% endfor %}
    {% for parent in parents if parent %}
        {% if node.test_metadata %}
            {# dbt says which model a generic test hangs on, but not which source. #}
            {% set call = "source('" ~ parent.source_name ~ "', '" ~ parent.name ~ "')" %}
            {% set is_tested = parent.unique_id == node.attached_node
                or (parent.resource_type == 'source' and call in node.test_metadata.kwargs['model']) %}
        {% else %}
            {% set is_tested = parent.name == node.config.meta.get('table', parent.name if parents | length == 1) %}
        {% endif %}
        {% if is_tested %}
            {{ return({
                'schema': parent.schema, 'identifier': parent.identifier or parent.alias, 'owner': owner_of(parent)
            }) }}
        {% endif %}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}
