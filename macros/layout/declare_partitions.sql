{% macro declare_partitions(relation, rule) -%}
    {{ adapter.dispatch('declare_partitions')(relation, rule) }}
{%- endmacro %}

{% macro default__declare_partitions(relation, rule) %}{% endmacro %}

{% macro postgres__declare_partitions(relation, rule) -%}
    select pipeline.declare_partitions(
        {{ sql_text(relation.schema) }}, {{ sql_text(relation.identifier) }},
        {{ sql_text(rule.granularity) }}, {{ rule.ahead }}, {{ 'null' if rule.keep is none else rule.keep }}
    )
{%- endmacro %}
