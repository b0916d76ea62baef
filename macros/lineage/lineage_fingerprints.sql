{% macro lineage_fingerprints() %}
    {#- For `atlas lineage`, so that what it writes and what a build looks for can't differ: the fingerprint of each node,
        the macros that its code calls, and whose values the fingerprint holds. -#}
    {% set found = {} %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') %}
        {% set macros = called_macros(macros_in_code(node), {}) %}
        {% set code = [node.raw_code] + macros.values() | list %}
        {% do found.update({node.unique_id: {
            'fingerprint': lineage_fingerprint(node),
            'macros': macros,
            'held': variables_in(code | join('\n')) | list,
        }}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
