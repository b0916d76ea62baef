{% macro check_declarations() %}
    {% if execute %}
        {% set complaints = ['store_failures is refused: ' ~ refusals('store_failures')] if flags.STORE_FAILURES else [] %}
        {% for node in graph.nodes.values() %}
            {% if node.config.get('grants') %}
                {% do complaints.append(node.unique_id ~ ' declares grants: ' ~ refusals('grants')) %}
            {% endif %}
            {% if node.resource_type == 'test' %}
                {% if node.config.store_failures %}
                    {% do complaints.append(node.unique_id ~ ' sets store_failures: ' ~ refusals('store_failures')) %}
                {% endif %}
                {% if node.config.meta.get('quality_dimension') not in quality_dimensions() %}
                    {% do complaints.append(node.unique_id ~ ': ' ~ refusals('quality_dimension')) %}
                {% endif %}
                {% set weight = node.config.meta.get('weight', 1) %}
                {% if weight is not number or weight is boolean or weight <= 0 %}
                    {% do complaints.append(node.unique_id ~ ': ' ~ refusals('weight')) %}
                {% endif %}
            {% endif %}
        {% endfor %}
        {% do complaints.extend(partition_complaints()) %}
        {% do complaints.extend(anomaly_complaints()) %}
        {% do complaints.extend(variable_complaints()) %}
        {% do complaints.extend(governance_complaints()) %}
        {% if complaints %}
            {% do exceptions.raise_compiler_error(complaints | join('\n  ')) %}
        {% endif %}
    {% endif %}
{% endmacro %}
