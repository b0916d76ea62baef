{% macro table_to_profile(result) %}
    {% set node = result.node %}
    {# What is made anew says how many rows it has; of others, dbt knows how many were written. #}
    {{ return({
        'table_schema': published_schema(node.schema),
        'table_name': node.alias,
        'relation': quoted_identifier(node.schema) ~ '.' ~ quoted_identifier(node.alias),
        'row_count': result.adapter_response.get('rows_affected') if is_made_anew(node) else none,
        'most_rows': var('profiled_rows'),
        'public_columns': public_columns(node)
    }) }}
{% endmacro %}
