{% macro declared_asset(node) %}
    {#- By the columns of its table, with those that only its lineage knows. -#}
    {% set held, columns = landed_fields(node), {} %}
    {% if not held %}
        {% for column in node.columns.values() %}
            {% set is_as_written = column.quote or node.resource_type == 'source' %}
            {% do held.update({column.name if is_as_written else column.name | lower: [column.name]}) %}
        {% endfor %}
        {% for name in lineage_of(node) if name not in held %}
            {% do held.update({name: [name]}) %}
        {% endfor %}
    {% endif %}
    {% set governed, levels = governed_columns(node), classification_levels() %}
    {% for name, fields in held.items() %}
        {% set ranks, patterns, subjects = [0], [], [] %}
        {% for field in fields %}
            {% set one = governed.get(field, {'level': 'secret', 'pii': [], 'subject_key': []}) %}
            {% do ranks.append(levels.index(one.level)) %}
            {% do patterns.extend(one.pii) %}
            {% do subjects.extend(one.subject_key) %}
        {% endfor %}
        {% do columns.update({name: {
            'level': levels[ranks | max],
            'patterns': patterns,
            'subject_key': subjects | unique | sort | join(', ') or none
        }}) %}
    {% endfor %}
    {{ return({
        'table_schema': node.schema,
        'table_name': node.identifier if node.resource_type == 'source' else node.alias,
        'owner': owner_of(node),
        'retention': node.config.meta.get('retention'),
        'columns': columns
    }) }}
{% endmacro %}
