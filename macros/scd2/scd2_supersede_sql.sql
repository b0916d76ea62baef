{% macro scd2_supersede_sql(shape, versions) -%}
    {{ adapter.dispatch('scd2_supersede_sql')(shape, versions) }}
{%- endmacro %}

{% macro postgres__scd2_supersede_sql(shape, versions) -%}
    {#- Compared as stored: 1.0 and 1.00 are equal, and yet a rebuild would write one of them. -#}
    {%- set columns = scd2_version_columns(shape) %}
    delete from {{ versions }} as held
    using {{ scd2_scratch('scd2_touched') }} as touched
    where
        {{ scd2_same_key(shape, 'held', 'touched') }}
        and not exists (
            select 1
            from {{ scd2_scratch('scd2_folded') }} as folded
            where
                folded.version_key = held.version_key
                and record_image_eq(row({{ scd2_list(columns, 'folded') }}), row({{ scd2_list(columns, 'held') }}))
        )
{%- endmacro %}
