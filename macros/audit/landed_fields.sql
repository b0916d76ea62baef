{% macro landed_fields(node) %}
    {#- The columns of a landing table and which of the record's fields each holds, as the lineage has it; nothing of what
        is none. A star is all of the record, whatever nobody declared included. -#}
    {% set landing = node.config.meta.get('landing') if node.resource_type == 'source' %}
    {{ return({
        'batch_id': [],
        'line': [],
        'received_at': [],
        'key': landing.key or [],
        'event_at': [landing.event_at] if landing.event_at else [],
        'operation': [landing.operation.field] if landing.operation else [],
        'payload': ['*'],
        'sha256': ['*']
    } if landing else {}) }}
{% endmacro %}
