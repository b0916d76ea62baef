{% macro claimed_batches() -%}
    _batch_id in ({{ claims_of_this_run() }})
    {%- if execute and batch_feeds(model) | selectattr('reader', 'none') | list %}
    {#- By the batches' time of arrival, other partitions of a landing table needn't be looked into. #}
    and _received_at between ({{ claimed_arrival('min') }}) and ({{ claimed_arrival('max') }})
    {%- endif %}
{%- endmacro %}
