{% macro replace_view(view, sql) %}
    {#- What is published of the view goes before it, and is made anew by the model's post-hook. -#}
    {{ lock_published(view) }}
do $replace_view$
begin
    create or replace view {{ view }} as
    {{ sql }};
exception when invalid_table_definition then
    -- Columns went, moved or changed their type. If others depend on the view, the drop says who.
    {%- if published_schema(view.schema) != view.schema %}
    drop view if exists {{ published_schema(view.schema) }}.{{ quoted_identifier(view.identifier) }};
    {%- endif %}
    drop view {{ view }};
    create view {{ view }} as
    {{ sql }};
end
$replace_view$
{% endmacro %}
