{% macro anomaly_severities() %}
    {% set severities = [] %}
    {% for node in graph.nodes.values() | list + graph.sources.values() | list
        if node.resource_type in ('model', 'seed', 'snapshot', 'source') %}
        {% set holders = [none] + node.columns.values() | list %}
        {% for column in holders %}
            {% set declared = declared_anomalies(node if column is none else column) %}
            {% for metric, severity in (declared.items() if declared is mapping else []) %}
                {% do severities.append({
                    'table_schema': published_schema(node.schema),
                    'table_name': node.identifier if node.resource_type == 'source' else node.alias,
                    'column_name': none if column is none else column.name,
                    'metric': metric,
                    'severity': severity
                }) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(severities) }}
{% endmacro %}
