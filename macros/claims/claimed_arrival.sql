{% macro claimed_arrival(end) -%}
    select {{ end }}(b.received_at) from explore.batches as b where b.batch_id in ({{ claims_of_this_run() }})
{%- endmacro %}
