{% macro lock_published(base) %}
    {{ adapter.dispatch('lock_published')(base) }}
{% endmacro %}

{% macro postgres__lock_published(base) -%}
    {#- Readers lock the published view first, then its base. Whoever takes the base away has to keep that order. -#}
    {%- if base.schema and published_schema(base.schema) != base.schema -%}
        {%- set view = published_schema(base.schema) ~ '.' ~ quoted_identifier(base.identifier) -%}
do $lock_published$
begin
    if to_regclass({{ sql_text(view) }}) is not null then
        lock table {{ view }} in access exclusive mode;
    end if;
end
$lock_published$;
    {%- endif -%}
{%- endmacro %}
