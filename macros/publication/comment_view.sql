{% macro comment_view(view, node) %}
    {{ adapter.dispatch('comment_view')(view, node) }}
{% endmacro %}

{% macro default__comment_view(view, node) %}{% endmacro %}

{% macro postgres__comment_view(view, node) %}
    {%- set wanted = {} -%}
    {%- for column in node.columns.values() -%}
        {%- do wanted.update({column.name: column.description | default('')}) -%}
    {%- endfor -%}
do $comment_view$
declare
    changed record;
begin
    if obj_description({{ sql_text(view.render()) }}::regclass) is distinct from {{ sql_text(node.description) }} then
        comment on view {{ view }} is {{ sql_text(node.description) }};
    end if;
    for changed in
        select a.attname as name, w.value as description
        from pg_catalog.pg_attribute as a
        inner join json_each_text({{ sql_text(tojson(wanted)) }}) as w on w.key = a.attname
        where
            a.attrelid = {{ sql_text(view.render()) }}::regclass
            and col_description(a.attrelid, a.attnum) is distinct from nullif(w.value, '')
    loop
        execute format('comment on column %s.%I is %L', {{ sql_text(view.render()) }}, changed.name, changed.description);
    end loop;
end
$comment_view$
{% endmacro %}
