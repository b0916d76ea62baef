{% macro lookup_complaints(node, column) %}
    {% set lookup, rows = (column.config.meta or column.meta).get('lookup', false), row_access(node) %}
    {% if lookup is not boolean %}
        {{ return(['lookup must be true or false.']) }}
    {% elif lookup and (published_schema(node.schema) == node.schema or node.config.materialized == 'view') %}
        {{ return(['lookup is for tables that people read.']) }}
    {% elif lookup and rows is mapping and not rows.unless %}
        {{ return(["lookup is for who sees all rows; row_access has no unless."]) }}
    {% elif lookup and not rows and column_meta(node, column.name).get('classification') == classification_levels()[0] %}
        {{ return(['lookup is for what not everybody sees; an index serves a public column anyway.']) }}
    {% endif %}
    {{ return([]) }}
{% endmacro %}
