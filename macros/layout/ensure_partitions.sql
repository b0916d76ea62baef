{% macro ensure_partitions(relation, partition_by, rows) -%}
    {%- set field = partition_by.field -%}
    {%- set zone = "'UTC'" -%}
    {#- Partitions are cut in UTC, whatever the session's time zone is. -#}
    {%- set utc = 'cast(' ~ field ~ ' as timestamp)' if model.columns[field].data_type == 'date'
        else '(' ~ field ~ ' at time zone ' ~ zone ~ ')' -%}
    select pipeline.ensure_partitions(
        {{ sql_text(relation.render()) }}::regclass,
        {{ sql_text(partition_by.period) }},
        array(select distinct date_trunc({{ sql_text(partition_by.period) }}, {{ utc }}) at time zone 'UTC' from {{ rows }})
    )
{%- endmacro %}
