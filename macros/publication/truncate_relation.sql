{% macro postgres__truncate_relation(relation) -%}
    {%- set lock = lock_published(relation) | trim -%}
    {%- if lock -%}
        {% call statement('lock_published') -%}{{ lock }}{%- endcall %}
    {%- endif -%}
    {% do return(dbt.default__truncate_relation(relation)) %}
{%- endmacro %}
