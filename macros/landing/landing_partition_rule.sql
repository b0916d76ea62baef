{% macro landing_partition_rule(node) %}
    {{ return(partition_rule(node.config.meta.landing.get('partition_by') or {}, granularity='month', ahead=3)) }}
{% endmacro %}
