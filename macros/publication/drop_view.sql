{% macro postgres__drop_view(relation) -%}
    {{ lock_published(relation) }}
    {{ dbt.postgres__drop_view(relation) }}
{%- endmacro %}
