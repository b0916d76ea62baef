{% macro governed_columns(node) %}
    {#- What the YAML says of each column, else what it says of the columns that it comes from: the highest level, and
        all patterns and subjects of personal data. A build asks for each column of each model, and to call a macro costs
        more than what it does, so all of a node are worked out at once, and once. -#}
    {% set known, id = lineage_known().governed, node.unique_id %}
    {% if id not in known %}
        {% set levels, edges, names, found = classification_levels(), lineage_of(node), [], {} %}
        {% set whole = {'level': 'secret', 'pii': [], 'subject_key': []} %}
        {% for column in node.columns.values() %}
            {% do names.extend([column.name] if column.quote else [column.name, column.name.lower()]) %}
        {% endfor %}
        {% for name in (names + edges | list) | unique(case_sensitive=true) %}
            {% set meta, ranks, one = column_meta(node, name), [0], {'pii': [], 'subject_key': []} %}
            {% set declared = meta.get('classification') %}
            {# What can't be followed has an entry that names no node. #}
            {% for origin in edges.get(name, ['?']) %}
                {% set parent_id, _, field = origin.partition(':') %}
                {% set parent = graph.nodes.get(parent_id) or graph.sources.get(parent_id) %}
                {% set columns = known[parent_id] if parent_id in known else governed_columns(parent) if parent %}
                {% set inherited = (columns or {}).get(field, {'level': 'secret', 'pii': [], 'subject_key': []}) %}
                {% do ranks.append(levels.index(inherited.level)) %}
                {% for key in ('pii', 'subject_key') if declared is none and key not in meta %}
                    {% do one[key].extend(inherited[key]) %}
                {% endfor %}
            {% endfor %}
            {% for key in ('pii', 'subject_key') %}
                {% do one.update({key: [meta[key] | string] if meta.get(key) else one[key] | unique | list}) %}
                {% do whole[key].extend(one[key]) if name in node.columns %}
            {% endfor %}
            {# A level that there isn't protects as the highest does. #}
            {% set level = levels[ranks | max] if declared is none else declared if declared in levels else 'secret' %}
            {% do found.update({name: dict(one, level=level)}) %}
        {% endfor %}
        {% do known.update({id: dict(found, **{'*': whole})}) %}
    {% endif %}
    {{ return(known[id]) }}
{% endmacro %}
