{% macro inherited_meta(node, column_name, key) %}
    {#- What a column declares under a key; else, unless somebody has judged it by giving it a level, what the columns
        declare that it comes from. -#}
    {% set meta, found = column_meta(node, column_name), [] %}
    {% if key in meta %}
        {% do found.append(meta[key] | string) if meta[key] %}
    {% elif column_name == '*' %}
        {% for column in node.columns.values() %}
            {% do found.extend(inherited_meta(node, column.name, key)) %}
        {% endfor %}
    {% elif 'classification' not in meta %}
        {% for origin in lineage_of(node).get(column_name, []) %}
            {% set id, _, name = origin.partition(':') %}
            {% set parent = graph.nodes.get(id) or graph.sources.get(id) %}
            {% do found.extend(inherited_meta(parent, name, key)) if parent %}
        {% endfor %}
    {% endif %}
    {{ return(found | unique | list) }}
{% endmacro %}
