{% macro schema_comparison_sql(relation, columns) -%}
    {{ adapter.dispatch('schema_comparison_sql')(relation, columns) }}
{%- endmacro %}

{% macro postgres__schema_comparison_sql(relation, columns) -%}
    {#- A name of a type has several spellings, and to_regtype() forgets what stands in its brackets. -#}
    with declared as (
        select
            value ->> 'name' as column_name,
            value ->> 'data_type' as data_type
        from jsonb_array_elements(cast({{ sql_text(tojson(columns)) }} as jsonb))
    ),

    found as (
        select
            attname::text as column_name,
            atttypid,
            format_type(atttypid, atttypmod) as data_type
        from pg_attribute
        where attrelid = to_regclass({{ sql_text(relation | string) }}) and attnum > 0 and not attisdropped
    )

    select
        coalesce(declared.column_name, found.column_name) as column_name,
        declared.data_type as declared_type,
        found.data_type as found_type,
        coalesce(
            to_regtype(declared.data_type) = found.atttypid
            and substring(replace(declared.data_type, ' ', '') from '\(.*\)')
            is not distinct from substring(found.data_type from '\(.*\)'),
            false
        ) as is_same
    from declared
    full outer join found on declared.column_name = found.column_name
    order by 1
{%- endmacro %}
