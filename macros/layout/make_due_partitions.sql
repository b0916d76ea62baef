{% macro make_due_partitions() -%}
    {{ adapter.dispatch('make_due_partitions')() }}
{%- endmacro %}

{% macro default__make_due_partitions() %}{% endmacro %}

{% macro postgres__make_due_partitions() -%}
    select pipeline.make_due_partitions()
{%- endmacro %}
