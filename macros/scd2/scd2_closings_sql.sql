{% macro scd2_closings_sql(shape, versions, folded, touched=none) %}
    {#- Keys that had a current row and have none any more; all current rows are counted only if there are such. -#}
    select
        count(*) as closed,
        case when count(*) > 0 then (select count(*) from {{ versions }} where is_current) end as current_rows
    from {{ versions }} as held
    {% if touched -%}
    inner join {{ touched }} as touched on {{ scd2_same_key(shape, 'held', 'touched') }}
    {% endif -%}
    where
        held.is_current
        and not exists (
            select 1 from {{ folded }} as folded where folded.is_current and {{ scd2_same_key(shape, 'folded', 'held') }}
        )
{% endmacro %}
