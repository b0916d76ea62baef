{% macro wrote_rows(result) %}
    {% set node = result.node %}
    {% set is_table = node.resource_type in ('seed', 'snapshot')
        or (node.resource_type == 'model' and node.config.materialized in ('table', 'incremental', 'scd2')) %}
    {{ return(
        is_table and result.status | string == 'success'
        and (node.config.materialized in ('table', 'seed') or result.adapter_response.get('rows_affected') != 0)
    ) }}
{% endmacro %}
