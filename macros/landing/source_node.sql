{% macro source_node(system, entity) %}
    {% for node in graph.sources.values() if node.source_name == system and node.name == entity %}
        {{ return(node) }}
    {% endfor %}
    {% do exceptions.raise_compiler_error('There is no source ' ~ system ~ '.' ~ entity ~ '.') %}
{% endmacro %}
