{% macro lineage_known() %}
    {#- What this run has worked out, kept where all of its threads find it. -#}
    {% set known = graph.get('column_lineage') %}
    {% if known is none or known.invocation_id != invocation_id %}
        {% set known = {'invocation_id': invocation_id, 'written': column_lineage(), 'fresh': {}, 'governed': {}} %}
        {% do graph.update({'column_lineage': known}) %}
    {% endif %}
    {{ return(known) }}
{% endmacro %}
