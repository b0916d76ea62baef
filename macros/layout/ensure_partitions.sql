{% macro ensure_partitions(relation, partition_by, rows) -%}
    {{ adapter.dispatch('ensure_partitions')(relation, partition_by, rows) }}
{%- endmacro %}

{% macro default__ensure_partitions(relation, partition_by, rows) %}{% endmacro %}

{% macro postgres__ensure_partitions(relation, partition_by, rows) -%}
    {%- set rule = partition_rule(partition_by) -%}
    {%- set field = partition_field(partition_by) -%}
    {%- set zone = "'UTC'" -%}
    {#- Partitions are cut in UTC, whatever the session's time zone is. -#}
    {%- set utc = '(' ~ field ~ ' at time zone ' ~ zone ~ ')'
        if model.columns[partition_by.field].data_type in ('timestamptz', 'timestamp with time zone')
        else 'cast(' ~ field ~ ' as timestamp)' -%}
    {{ declare_partitions(this, rule) }};
    select pipeline.ensure_partitions(
        {{ sql_text(relation.render()) }}::regclass,
        {{ sql_text(rule.granularity) }},
        pipeline.moments_due({{ sql_text(rule.granularity) }}, {{ rule.ahead }})
        -- By month, whatever the rule: of a year, another rule may have made some of the months before.
        || array(
            select distinct date_trunc('month', {{ utc }}) at time zone 'UTC'
            from {{ rows }}
            where {{ field }} >= '1970-01-01 00:00:00+00' and {{ field }} < '2100-01-01 00:00:00+00'
        )
    )
{%- endmacro %}
