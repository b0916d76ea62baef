{% macro scd2_faults_sql(shape) %}
    {%- set column = quoted_identifier %}
    select
        count(*) as events,
        count(case when {{ scd2_is_keyless(shape) }} then 1 end) as keyless,
        count(case when not {{ is_finite(column(shape.updated_at)) }} then 1 end) as untimed,
        {{ "count(case when coalesce(cast(" ~ column(shape.operation) ~ " as varchar(10)), '') not in ('upsert', 'delete') then 1 end)"
            if shape.operation else 0 }} as unknown_operations,
        {{ 'count(case when ' ~ column(shape.sequence) ~ ' is null then 1 end)' if shape.sequence else 0 }} as unsequenced,
        {{ 'count(case when ' ~ column(shape.record_hash) ~ ' is null then 1 end)' if shape.record_hash else 0 }} as unhashed
    from {{ scd2_scratch('scd2_staged') }}
{% endmacro %}
