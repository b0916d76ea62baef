{% macro column_level(node, column_name) %}
    {#- What the YAML says of the column, else the highest level of what it comes from. -#}
    {{ return(governed_columns(node).get(column_name, {'level': 'secret'}).level) }}
{% endmacro %}
