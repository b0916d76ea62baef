{% macro lineage_fingerprint(node) %}
    {#- Of all that decides what the node's columns come from: its code, the macros that it calls, the variables that
        these name, its shape, and the fields of the sources that it reads. -#}
    {% set macros, sources, shape = called_macros(macros_in_code(node), {}), {}, {} %}
    {% for id in node.depends_on.nodes if id in graph.sources %}
        {% set contract = [] %}
        {% for column in graph.sources[id].columns.values() %}
            {% do contract.append([column.name, column.data_type]) %}
        {% endfor %}
        {% for rule in ['key', 'event_at', 'operation'] %}
            {% do contract.append((graph.sources[id].config.meta.get('landing') or {}).get(rule)) %}
        {% endfor %}
        {% do sources.update({id: contract}) %}
    {% endfor %}
    {% for rule in lineage_rules() %}
        {% do shape.update({rule: node.config.get(rule)}) %}
    {% endfor %}
    {% set code = [node.raw_code] + macros.values() | list %}
    {{ return(local_md5(tojson(
        [node.raw_code, macros, variables_in(code | join('\n')), shape, node.columns | list, sources], sort_keys=true
    ))) }}
{% endmacro %}
