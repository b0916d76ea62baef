{% macro anomaly_complaints() %}
    {% set complaints = [] %}
    {% for node in graph.nodes.values() | list + graph.sources.values() | list
        if node.resource_type in ('model', 'seed', 'snapshot', 'source') %}
        {% for column in [none] + node.columns.values() | list %}
            {% set where = node.unique_id ~ ('' if column is none else '.' ~ column.name) %}
            {% set declared = declared_anomalies(node if column is none else column) %}
            {% if declared is not mapping %}
                {% do complaints.append(where ~ ': ' ~ refusals('anomalies')) %}
            {% else %}
                {% for metric, severity in declared.items()
                    if metric not in measured_metrics() or severity not in ('error', 'warn', 'off') %}
                    {% do complaints.append(where ~ ' (' ~ metric ~ ': ' ~ severity ~ '): ' ~ refusals('anomalies')) %}
                {% endfor %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(complaints) }}
{% endmacro %}
