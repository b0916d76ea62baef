{% macro rule(node) %}
    {% set table = tested_relation(node) %}
    {{ return({
        'rule': node.unique_id,
        'rule_name': node.name,
        'check_name': node.test_metadata.name if node.test_metadata else 'singular',
        'table_schema': published_schema(table.schema) if table else none,
        'table_name': table.identifier if table else none,
        'column_name': node.column_name | default(none),
        'dimension': node.config.meta['quality_dimension'],
        'weight': node.config.meta.get('weight', 1),
        'severity': node.config.severity | lower,
        'warn_if': node.config.warn_if,
        'error_if': node.config.error_if,
        'owner': table.owner if table else none
    }) }}
{% endmacro %}
