{% macro measured_metrics() %}
    {{ return([
        'row_count', 'rows_added', 'freshness_seconds', 'null_share', 'distinct_share', 'mean', 'median', 'stddev',
        'category_shift', 'schema_hash', 'run_seconds', 'failed_share', 'quarantined_share', 'duplicate_share'
    ]) }}
{% endmacro %}
