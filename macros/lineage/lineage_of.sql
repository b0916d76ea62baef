{% macro lineage_of(node) %}
    {#- What each column comes from, by the committed edges; nothing, if they were written for other code. A node that is
        being built knows more of itself than was parsed, so it is looked up. -#}
    {% set known, id = lineage_known(), node.unique_id %}
    {% if id not in known.fresh %}
        {% set written = known.written.get(id) %}
        {% set is_fresh = written and id in graph.nodes and written.fingerprint == lineage_fingerprint(graph.nodes[id]) %}
        {% do known.fresh.update({id: written.columns if is_fresh else {}}) %}
    {% endif %}
    {{ return(known.fresh[id]) }}
{% endmacro %}
