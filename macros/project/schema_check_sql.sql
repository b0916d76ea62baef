{% macro schema_check_sql() %}
    {{ return(adapter.dispatch('schema_check_sql')()) }}
{% endmacro %}

{% macro default__schema_check_sql() %}
    select true
{% endmacro %}

{% macro postgres__schema_check_sql() %}
    select
        to_regclass('explore.batches') is not null
        and to_regclass('pipeline.batches_read') is not null
        and to_regproc('pipeline.make_due_partitions') is not null
        and to_regproc('quality.forget') is not null
{% endmacro %}
