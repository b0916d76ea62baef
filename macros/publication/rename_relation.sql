{% macro postgres__rename_relation(from_relation, to_relation) %}
    {#- Readers lock the published view first, then its base. Whoever swaps the base has to keep that order. -#}
    {%- if published_schema(from_relation.schema) != from_relation.schema -%}
        {%- set view = published_schema(from_relation.schema) ~ '.' ~ adapter.quote(from_relation.identifier) -%}
        {% call statement('lock_published_view') -%}
do $lock_published_view$
begin
    if to_regclass({{ sql_text(view) }}) is not null then
        lock table {{ view }} in access exclusive mode;
    end if;
end
$lock_published_view$
        {%- endcall %}
    {%- endif -%}
    {% do return(dbt.default__rename_relation(from_relation, to_relation)) %}
{% endmacro %}
