{% macro repoint_sql(fact, declared, changes, reader) -%}
    {{ adapter.dispatch('repoint_sql')(fact, declared, changes, reader) }}
{%- endmacro %}

{% macro postgres__repoint_sql(fact, declared, changes, reader) %}
    {#- `changes` narrows it to timelines that changed; without it, each fact is compared. Facts are found again by
        their place, which needs no key and no index. -#}
    {%- set column = quoted_identifier(declared.column) -%}
    {%- set at = 'stale.' ~ quoted_identifier(declared.at) -%}
    {%- set key = {} -%}
    {%- for name, value in declared.key.items() -%}
        {%- do key.update({name: 'stale.' ~ quoted_identifier(value)}) -%}
    {%- endfor -%}
    {%- set due = 'coalesce(version.version_key, ' ~ placeholder_key() ~ ')' %}
    update {{ fact }} as fact
    set {{ column }} = due.version_key
    from (
        select stale.tableoid as part, stale.ctid as place, {{ due }} as version_key
        from {{ fact }} as stale
        {%- if changes %}
        inner join {{ changes }} as changes
            on changes.scd2_reader = {{ reader }}
            {%- for name, value in key.items() %}
            and changes.{{ quoted_identifier(name) }} = {{ value }}
            {%- endfor %}
            and changes.scd2_changed_from <= coalesce({{ at }}, {{ start_of_time() }})
        {%- endif %}
        left outer join {{ declared.dimension }} as version on {{ version_at('version', key, at) }}
        where stale.{{ column }} is distinct from {{ due }}
    ) as due
    where fact.tableoid = due.part and fact.ctid = due.place
{% endmacro %}
