{% macro scd2_open_sql(shape, versions) %}
    {%- set columns = scd2_version_columns(shape) %}
    insert into {{ versions }} ({{ scd2_list(columns) }})
    select {{ scd2_list(columns, 'folded') }}
    from {{ scd2_scratch('scd2_folded') }} as folded
    where not exists (
        select 1
        from {{ scd2_scratch('scd2_compared') }} as compared
        where compared.version_key = folded.version_key and compared.scd2_is_right
    )
    -- In the order of the indexes, which are then written page by page.
    order by {{ scd2_list(shape.unique_key + ['valid_from']) }}
{% endmacro %}
