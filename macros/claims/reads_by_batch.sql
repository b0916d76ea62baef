{% macro reads_by_batch(node) %}
    {{ return(node.config.materialized in ('incremental', 'scd2')) }}
{% endmacro %}
