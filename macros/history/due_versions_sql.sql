{% macro due_versions_sql(fact, declared, changes) -%}
    {{ adapter.dispatch('due_versions_sql')(fact, declared, changes) }}
{%- endmacro %}

{% macro postgres__due_versions_sql(fact, declared, changes) %}
    {#- Facts by their place, which needs no key. -#}
    {%- set column = 'fact.' ~ quoted_identifier(declared.column) -%}
    {%- set at = 'fact.' ~ quoted_identifier(declared.at) -%}
    {%- set key = {} -%}
    {%- for name, value in declared.key.items() -%}
        {%- do key.update({name: 'fact.' ~ quoted_identifier(value)}) -%}
    {%- endfor -%}
    {%- set due = 'coalesce(version.version_key, ' ~ placeholder_key() ~ ')' %}
    select fact.tableoid as part, fact.ctid as place, {{ due }} as version_key
    from {{ fact }} as fact
    {%- if changes %}
    inner join {{ changes }} as changes
        on changes.scd2_reader = {{ sql_text(model.unique_id) }}
        {%- for name, value in key.items() %}
        and changes.{{ quoted_identifier(name) }} = {{ value }}
        {%- endfor %}
        and changes.scd2_changed_from <= coalesce({{ at }}, {{ start_of_time() }})
    {%- endif %}
    left outer join {{ declared.dimension }} as version on {{ version_at('version', key, at) }}
    where {{ column }} is distinct from {{ due }}
{% endmacro %}
