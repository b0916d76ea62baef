{% macro postgres__create_columns(relation, columns) %}
    {%- set lock = lock_published(relation) | trim -%}
    {%- if columns and lock -%}
        {% call statement('lock_published') -%}{{ lock }}{%- endcall %}
    {%- endif -%}
    {% do return(dbt.default__create_columns(relation, columns)) %}
{% endmacro %}
