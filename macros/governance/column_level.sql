{% macro column_level(node, column_name) %}
    {#- What the YAML says of the column, else the highest level of what it comes from. A level that there isn't protects
        as the highest does. -#}
    {%- set declared = column_meta(node, column_name).get('classification') -%}
    {% if declared is none %}
        {{ return(inherited_level(node, column_name)) }}
    {% endif %}
    {{ return(declared if declared in classification_levels() else 'secret') }}
{% endmacro %}
