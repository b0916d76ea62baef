{% macro create_partitioned_table_as(relation, sql, partition_by) %}
    {% if not config.get('contract').enforced %}
        {% do exceptions.raise_compiler_error('partition_by needs an enforced contract, which gives the columns.') %}
    {% endif %}
    {# Staged, so that the query runs once: its partitions have to be known before its rows go in. #}
    {% set staged = make_temp_relation(relation, '__staged') %}
    {% set columns %}{{ adapter.dispatch('get_column_names', 'dbt')() }}{% endset %}
    {{ get_assert_columns_equivalent(sql) }}
    create temporary table {{ staged }} on commit drop as ({{ sql }});
    create table {{ relation }}
    {{ get_table_columns_and_constraints() }}
    partition by range ({{ partition_field(partition_by) }});
    {{ ensure_partitions(relation, partition_by, staged) }};
    insert into {{ relation }} ({{ columns }})
    select {{ columns }} from {{ staged }};
{% endmacro %}
