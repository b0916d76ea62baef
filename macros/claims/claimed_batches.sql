{% macro claimed_batches() -%}
    _batch_id in ({{ claims_of_this_run() }})
{%- endmacro %}
