{% macro publish_view(wanted) %}
    {{ adapter.dispatch('publish_view')(wanted) }}
{% endmacro %}

{% macro default__publish_view(wanted) %}
    create or replace view {{ wanted.view }} as {{ wanted.query }}
{% endmacro %}

{% macro postgres__publish_view(wanted) %}
    {#- A filter of rows needs the barrier: a function in a reader's condition could be asked first, and tell. -#}
    {%- set statement -%}
    view {{ wanted.view }} with (security_barrier = {{ 'true' if wanted.rows else 'false' }}) as
    {{ wanted.query }}
    {%- endset -%}
do $publish_view$
begin
    create or replace {{ statement }};
exception when invalid_table_definition then
    -- Columns went, moved or changed their type. If others depend on the view, the drop says who.
    drop view {{ wanted.view }};
    create {{ statement }};
end
$publish_view$
{% endmacro %}
