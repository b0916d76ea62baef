{% macro postgres__drop_table(relation) -%}
    {{ lock_published(relation) }}
    {{ dbt.postgres__drop_table(relation) }}
{%- endmacro %}
