{% macro has_clearance(level) -%}
    {{ adapter.dispatch('has_clearance')(level) }}
{%- endmacro %}

{% macro postgres__has_clearance(level) -%}
    {#- As a subquery it is asked once a query, and not for each row. -#}
    (select compliance.has_clearance({{ sql_text(level) }}))
{%- endmacro %}
