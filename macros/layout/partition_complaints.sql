{% macro partition_complaints() %}
    {% set complaints = [] %}
    {% for node in graph.nodes.values() if node.config.get('partition_by') is not none %}
        {% set known = ['field', 'granularity', 'ahead', 'keep'] %}
        {% for complaint in partition_by_complaints(node.config.partition_by, known, node.columns) %}
            {% do complaints.append(node.unique_id ~ ': ' ~ complaint) %}
        {% endfor %}
    {% endfor %}
    {% for node in graph.sources.values() if node.config.meta.get('landing', {}).get('partition_by') is not none %}
        {% set known = ['granularity', 'ahead', 'keep'] %}
        {% for complaint in partition_by_complaints(node.config.meta.landing.partition_by, known, []) %}
            {% do complaints.append(node.unique_id ~ ': ' ~ complaint) %}
        {% endfor %}
    {% endfor %}
    {{ return(complaints) }}
{% endmacro %}
