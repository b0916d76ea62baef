{% macro batches_read_by(relation) -%}
    {#- A batch that landed while the run was going on is the next run's: tests of completeness look at these. -#}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.schema == relation.schema and node.alias == relation.identifier -%}
    select batch_id
    from pipeline.batches_read
    where model = '{{ node.unique_id }}'
    {%- endfor -%}
{%- endmacro %}
