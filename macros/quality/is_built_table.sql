{% macro is_built_table(result) %}
    {% set node = result.node %}
    {{ return(result.status | string == 'success' and (
        node.resource_type in ('seed', 'snapshot')
        or (node.resource_type == 'model' and node.config.materialized in ('table', 'incremental', 'scd2'))
    )) }}
{% endmacro %}
