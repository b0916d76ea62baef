{% macro replace_view(view, sql) %}
do $replace_view$
begin
    create or replace view {{ view }} as
    {{ sql }};
exception when invalid_table_definition then
    -- Columns went, moved or changed their type. If others depend on the view, the drop says who.
    drop view {{ view }};
    create view {{ view }} as
    {{ sql }};
end
$replace_view$
{% endmacro %}
