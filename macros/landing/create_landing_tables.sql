{% macro create_landing_tables() %}
    {#- So that a project builds before its first delivery, with empty views. -#}
    {% if execute %}
        {% set declared = [] %}
        {% for node in graph.sources.values() if node.config.meta.get('landing') %}
            {% do declared.append(node) %}
        {% endfor %}
        {{ adapter.dispatch('create_landing_tables')(declared) }}
    {% endif %}
{% endmacro %}

{% macro default__create_landing_tables(declared) %}{% endmacro %}

{% macro postgres__create_landing_tables(declared) %}
    {% for node in declared %}
        {% set table = api.Relation.create(schema='explore', identifier='raw_' ~ node.source_name ~ '__' ~ node.name) %}
        select explore.create_landing_table({{ sql_text(node.source_name) }}, {{ sql_text(node.name) }})
        where to_regclass({{ sql_text(table.include(database=false).render()) }}) is null;
        {{ declare_partitions(table, landing_partition_rule(node)) }};
    {% endfor %}
{% endmacro %}
