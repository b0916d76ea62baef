{% macro lineage_rules() %}
    {#- Of a node's config, what decides which columns its table has beside those of its query. -#}
    {{ return([
        'materialized', 'unique_key', 'updated_at', 'operation', 'check_cols', 'sequence', 'record_hash', 'strategy',
        'hard_deletes', 'snapshot_meta_column_names',
    ]) }}
{% endmacro %}
