{% macro scd2_analyze(relation) %}
    {#- Without statistics the planner joins a new table's rows one by one. -#}
    {% call statement('analyze') %}{{ adapter.dispatch('scd2_analyze_sql')(relation) }}{% endcall %}
{% endmacro %}

{% macro postgres__scd2_analyze_sql(relation) -%}
    analyze {{ relation }}
{%- endmacro %}
