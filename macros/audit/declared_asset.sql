{% macro declared_asset(node) %}
    {% set columns = {} %}
    {% for column in node.columns.values() %}
        {% set meta = column.config.meta or column.meta %}
        {% do columns.update({
            column.name if column.quote or node.resource_type == 'source' else column.name | lower: {
                'level': column_level(node, column.name),
                'pii': meta.get('pii'),
                'subject_key': meta.get('subject_key')
            }
        }) %}
    {% endfor %}
    {{ return({
        'table_schema': node.schema,
        'table_name': node.identifier if node.resource_type == 'source' else node.alias,
        'owner': owner_of(node),
        'retention': node.config.meta.get('retention'),
        'is_landing': node.resource_type == 'source' and node.config.meta.get('landing') is not none,
        'columns': columns
    }) }}
{% endmacro %}
