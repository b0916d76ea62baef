{% macro scd2_closings_sql(shape, before, after, versions) %}
    {#- Keys that had a current row and have none any more; all current rows are counted only if there are such. -#}
    select
        count(*) as closed,
        case when count(*) > 0 then (select count(*) from {{ versions }} where is_current) end as current_rows
    from {{ before }} as before
    where
        before.is_current
        and not exists (
            select 1 from {{ after }} as after where after.is_current and {{ scd2_same_key(shape, 'after', 'before') }}
        )
{% endmacro %}
