{% macro batch_receipts(system, entity) -%}
    select
        batch_id,
        accepted
    from explore.batches
    where system = {{ sql_text(system) }} and entity = {{ sql_text(entity) }} and outcome = 'landed'
    {%- if flags.EMPTY %}
        -- With --empty, dbt reads no landing rows either.
        and false
    {%- endif %}
{%- endmacro %}
