{% macro publish_view(view, base) %}
    {{ adapter.dispatch('publish_view')(view, base) }}
{% endmacro %}

{% macro default__publish_view(view, base) %}
    create or replace view {{ view }} as select * from {{ base }}
{% endmacro %}

{% macro postgres__publish_view(view, base) %}
    {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='quoted') | join(', ') -%}
do $publish_view$
begin
    -- Unchanged views are left alone: each replacement waits for the readers and makes others wait.
    if not ({{ view_is_current(view, base) }}) then
        begin
            create or replace view {{ view }} as select {{ columns }} from {{ base }};
        exception when invalid_table_definition then
            -- Columns went, moved or changed their type. If others depend on the view, the drop says who.
            drop view {{ view }};
            create view {{ view }} as select {{ columns }} from {{ base }};
        end;
    end if;
end
$publish_view$
{% endmacro %}
