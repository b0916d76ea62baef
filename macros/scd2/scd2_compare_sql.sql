{% macro scd2_compare_sql(shape, versions, folded, touched) -%}
    {{ adapter.dispatch('scd2_compare_sql')(shape, versions, folded, touched) }}
{%- endmacro %}

{% macro postgres__scd2_compare_sql(shape, versions, folded, touched) -%}
    {#- Compared as stored: 1.0 and 1.00 are equal, and yet a rebuild would write one of them. -#}
    {%- set columns = scd2_version_columns(shape) %}
    select
        held.version_key,
        {{ scd2_list(shape.unique_key, 'held') }},
        held.valid_from,
        held.valid_to,
        held.is_current,
        coalesce(
            record_image_eq(row({{ scd2_list(columns, 'held') }}), row({{ scd2_list(columns, 'folded') }})), false
        ) as scd2_is_right
    from {{ versions }} as held
    inner join {{ touched }} as touched on {{ scd2_same_key(shape, 'held', 'touched') }}
    left outer join {{ folded }} as folded on held.version_key = folded.version_key
{%- endmacro %}
