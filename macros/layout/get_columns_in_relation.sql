{% macro postgres__get_columns_in_relation(relation) -%}
    {#- dbt's own calls every list "ARRAY", which no cast understands: models with lists couldn't have unit tests. -#}
    {% call statement('get_columns_in_relation', fetch_result=True) %}
        select
            column_name,
            case when data_type = 'ARRAY' then substring(udt_name from 2) || '[]' else data_type end as data_type,
            character_maximum_length,
            numeric_precision,
            numeric_scale
        from {{ relation.information_schema('columns') }}
        where
            table_name = {{ sql_text(relation.identifier) }}
            {% if relation.schema %}and table_schema = {{ sql_text(relation.schema) }}{% endif %}
        order by ordinal_position
    {% endcall %}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{% endmacro %}
