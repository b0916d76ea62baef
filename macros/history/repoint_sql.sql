{% macro repoint_sql(fact, column, due) -%}
    {{ adapter.dispatch('repoint_sql')(fact, column, due) }}
{%- endmacro %}

{% macro postgres__repoint_sql(fact, column, due) -%}
    update {{ fact }} as fact
    set {{ quoted_identifier(column) }} = due.version_key
    from {{ due }} as due
    where fact.tableoid = due.part and fact.ctid = due.place
{%- endmacro %}
