{% macro source_to_profile(node) %}
    {{ return(adapter.dispatch('source_to_profile')(node)) }}
{% endmacro %}

{% macro postgres__source_to_profile(node) %}
    {% set types = {'integer': 'bigint', 'json': 'jsonb', 'json[]': 'jsonb[]', 'integer[]': 'bigint[]'} %}
    {% set columns = [] %}
    {% for column in node.columns.values() %}
        {% do columns.append({
            'name': column.name,
            'type': types.get(column.data_type, column.data_type),
            'field': json_field('payload', column.name, column.data_type) ~ ' as ' ~ quoted_identifier(column.name)
        }) %}
    {% endfor %}
    {{ return({
        'reader': node.unique_id,
        'system': node.source_name,
        'entity': node.name,
        'table_schema': node.schema,
        'table_name': node.identifier,
        'columns': columns,
        'most_rows': var('profiled_rows'),
        'public_columns': public_columns(node)
    }) }}
{% endmacro %}
