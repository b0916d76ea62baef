{% macro column_meta(node, column_name) %}
    {#- Names that aren't quoted are what the database makes of them: lower case. What isn't found isn't declared. -#}
    {% if column_name in node.columns %}
        {% set column = node.columns[column_name] %}
        {{ return(column.config.meta or column.meta) }}
    {% endif %}
    {% for column in node.columns.values() if not column.quote and column.name.lower() == column_name %}
        {{ return(column.config.meta or column.meta) }}
    {% endfor %}
    {{ return({}) }}
{% endmacro %}
