{% macro postgres__rename_relation(from_relation, to_relation) %}
    {%- set lock = lock_published(from_relation) | trim -%}
    {%- if lock -%}
        {% call statement('lock_published') -%}{{ lock }}{%- endcall %}
    {%- endif -%}
    {% do return(dbt.default__rename_relation(from_relation, to_relation)) %}
{% endmacro %}
