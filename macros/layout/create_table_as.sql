{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set partition_by = config.get('partition_by') -%}
    {%- if not partition_by -%}
        {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- elif temporary -%}
        {#- What an incremental run is about to insert: its partitions have to be there first. -#}
        {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
        {{ ensure_partitions(this, partition_by, relation) }};
    {%- else -%}
        {{ create_partitioned_table_as(relation, sql, partition_by) }}
    {%- endif -%}
{%- endmacro %}
