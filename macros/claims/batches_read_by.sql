{% macro batches_read_by(model_name) -%}
    {#- A batch that landed while the run was going on is the next run's: tests of completeness look at these. -#}
    select batch_id
    from pipeline.batches_read
    where model = 'model.{{ model.package_name }}.{{ model_name }}'
{%- endmacro %}
