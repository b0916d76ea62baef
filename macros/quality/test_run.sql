{% macro test_run(result) %}
    {% set node = result.node %}
    {% set status = result.status | string %}
    {% set ran = status in ('pass', 'warn', 'fail') %}
    {% set response = result.adapter_response if ran else {} %}
    {% set table = tested_relation(node) %}
    {{ return({
        'run_id': invocation_id,
        'test': node.unique_id,
        'test_name': node.name,
        'table_schema': published_schema(table.schema) if table else none,
        'table_name': table.identifier if table else none,
        'column_name': node.column_name | default(none),
        'dimension': node.config.meta['quality_dimension'],
        'weight': node.config.meta.get('weight'),
        'severity': node.config.severity | lower,
        'status': status,
        'rows_tested': response.get('rows_affected'),
        'rows_failed': response['code'] | int if response.get('code') else none,
        'duration_ms': (result.execution_time * 1000) | round | int
    }) }}
{% endmacro %}
