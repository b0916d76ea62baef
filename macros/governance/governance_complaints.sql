{% macro governance_complaints() %}
    {% set complaints = [] %}
    {% set sources = graph.sources.values() | list %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'snapshot', 'seed']) | list + sources %}
        {% set meta = node.config.get('meta') or {} %}
        {% set found = unknown_keys(meta, 'table') %}
        {% if 'row_access' in meta %}
            {% do found.extend(row_access_complaints(node, meta.row_access)) %}
        {% endif %}
        {% for complaint in found %}
            {% do complaints.append(node.unique_id ~ ': ' ~ complaint) %}
        {% endfor %}
        {% for column in node.columns.values() %}
            {% for complaint in column_complaints(column, node.columns) + lookup_complaints(node, column) %}
                {% do complaints.append(node.unique_id ~ '.' ~ column.name ~ ': ' ~ complaint) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(complaints) }}
{% endmacro %}
