{% macro claims_of_this_run() -%}
    select r.batch_id
    from pipeline.batches_read as r
    where r.model = '{{ model.unique_id }}' and r.run_id = cast('{{ invocation_id }}' as uuid)
{%- endmacro %}
