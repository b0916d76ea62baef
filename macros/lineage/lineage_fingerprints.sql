{% macro lineage_fingerprints() %}
    {#- For `atlas lineage`, so that what it writes and what a build looks for can't differ. -#}
    {% set found = {} %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') %}
        {% do found.update({node.unique_id: lineage_fingerprint(node)}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
