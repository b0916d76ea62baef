{% macro scd2_open_sql(shape, versions) %}
    {%- set columns = scd2_version_columns(shape) %}
    insert into {{ versions }} ({{ scd2_list(columns) }})
    select {{ scd2_list(columns, 'folded') }}
    from {{ scd2_scratch('scd2_folded') }} as folded
    where not exists (select 1 from {{ versions }} as held where held.version_key = folded.version_key)
{% endmacro %}
