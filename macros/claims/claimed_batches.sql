{% macro claimed_batches() -%}
    _batch_id in (
        select r.batch_id
        from pipeline.batches_read as r
        where r.model = '{{ model.unique_id }}' and r.run_id = cast('{{ invocation_id }}' as uuid)
    )
{%- endmacro %}
