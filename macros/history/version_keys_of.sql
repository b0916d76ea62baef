{% macro version_keys_of(node) %}
    {#- What the config version_keys declares, checked: a dimension that isn't read by ref() might be built too late. -#}
    {% set found = [] %}
    {% for column, declared in node.config.get('version_keys', {}).items() %}
        {% set parents = [] %}
        {% for id in node.depends_on.nodes if id in graph.nodes and graph.nodes[id].name == declared.dimension %}
            {% do parents.append(graph.nodes[id]) %}
        {% endfor %}
        {% set at = node.name ~ ': version_keys.' ~ column %}
        {% if not parents or parents[0].config.materialized != 'scd2' %}
            {% do exceptions.raise_compiler_error(at ~ ' needs a dimension that is scd2 and that the model reads by ref().') %}
        {% endif %}
        {% set unique_key = parents[0].config.unique_key %}
        {% if declared.key | list | sort != ([unique_key] if unique_key is string else unique_key) | sort %}
            {% do exceptions.raise_compiler_error(
                at ~ '.key must name a column for each part of the key of ' ~ declared.dimension ~ '.'
            ) %}
        {% endif %}
        {% do found.append({
            'column': column,
            'dimension': api.Relation.create(
                database=parents[0].database, schema=parents[0].schema, identifier=parents[0].alias, type='table'
            ),
            'key': declared.key,
            'at': declared.at,
        }) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
