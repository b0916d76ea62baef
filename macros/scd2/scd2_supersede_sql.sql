{% macro scd2_supersede_sql(versions) -%}
    delete from {{ versions }} as held
    where exists (
        select 1
        from {{ scd2_scratch('scd2_compared') }} as compared
        where compared.version_key = held.version_key and not compared.scd2_is_right
    )
{%- endmacro %}
