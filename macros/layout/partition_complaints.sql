{% macro partition_complaints() %}
    {% set complaints = [] %}
    {% for node in graph.nodes.values() if node.config.get('partition_by') is not none %}
        {% set known = ['field', 'granularity', 'ahead', 'keep'] %}
        {% for complaint in partition_by_complaints(node.config.partition_by, known, node.columns) %}
            {% do complaints.append(node.unique_id ~ ': ' ~ complaint) %}
        {% endfor %}
        {#- Everybody can read which partitions there are, and their bounds, in the catalogue. -#}
        {% set field = node.config.partition_by.field if node.config.partition_by is mapping %}
        {% if field in node.columns and column_level(node, field) != classification_levels()[0]
            and published_schema(node.schema) != node.schema %}
            {% do complaints.append(
                node.unique_id ~ ": partition_by's field must be public, since anybody can list partitions; "
                ~ field ~ ' is ' ~ column_level(node, field) ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% for node in graph.sources.values() if node.config.meta.get('landing', {}).get('partition_by') is not none %}
        {% set known = ['granularity', 'ahead', 'keep'] %}
        {% for complaint in partition_by_complaints(node.config.meta.landing.partition_by, known, []) %}
            {% do complaints.append(node.unique_id ~ ': ' ~ complaint) %}
        {% endfor %}
    {% endfor %}
    {{ return(complaints) }}
{% endmacro %}
