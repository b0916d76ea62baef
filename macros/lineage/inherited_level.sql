{% macro inherited_level(node, column_name) %}
    {#- A build asks for each column of each model, so it is worked out once. -#}
    {% set known, column = lineage_known().levels, node.unique_id ~ ':' ~ column_name %}
    {% if column not in known %}
        {% set levels, found = classification_levels(), [0] %}
        {# What can't be followed has an entry that names no node. #}
        {% for origin in lineage_of(node).get(column_name, ['?']) %}
            {% set id, _, name = origin.partition(':') %}
            {% set parent = graph.nodes.get(id) or graph.sources.get(id) %}
            {% do found.append(levels.index(column_level(parent, name) if parent else 'secret')) %}
        {% endfor %}
        {% do known.update({column: levels[found | max]}) %}
    {% endif %}
    {{ return(known[column]) }}
{% endmacro %}
