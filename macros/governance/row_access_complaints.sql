{% macro row_access_complaints(node, rows) %}
    {% if published_schema(node.schema) == node.schema %}
        {{ return(['row_access is for what people read; nobody reads ' ~ node.schema ~ '.']) }}
    {% elif rows is not mapping or rows.get('condition') is not string or not rows.condition | trim %}
        {{ return(['row_access must have a condition, in SQL on the columns.']) }}
    {% endif %}
    {% set complaints = unknown_keys(rows, 'row_access') %}
    {% if 'unless' in rows and rows.unless not in classification_levels()[1:] %}
        {% do complaints.append(
            "row_access's unless must be one of " ~ classification_levels()[1:] | join(', ') ~ '.'
        ) %}
    {% endif %}
    {{ return(complaints) }}
{% endmacro %}
