{% macro scd2_columns(relation) %}
    {#- As the database names them; dbt's own lookup leaves precision out. -#}
    {%- set columns = {} -%}
    {%- for row in run_query(adapter.dispatch('scd2_columns_sql')(relation)).rows -%}
        {%- do columns.update({row['name']: row['type']}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{% macro postgres__scd2_columns_sql(relation) %}
    select
        attname::text as name,
        pg_catalog.format_type(atttypid, atttypmod) as type
    from pg_catalog.pg_attribute
    where
        attrelid = to_regclass({{ sql_text(relation.include(database=false).render()) }})
        and attnum > 0
        and not attisdropped
    order by attnum
{% endmacro %}
