{% macro scd2_table(relation, query) -%}
    create table {{ relation }} as (
    {{ query }}
    )
{%- endmacro %}
