{% macro create_changes(dimension, changes, unique_key) %}
    {#- Several facts may ask for the first time at once, each in a run of its own. -#}
    {% call statement('wait') %}{{ lock_until_commit('changes ' ~ dimension) }}{% endcall %}
    {% if not scd2_columns(changes) %}
        {% call statement('create_changes') %}
            {{ adapter.dispatch('create_changes_sql')(dimension, changes, unique_key) }}
        {% endcall %}
    {% endif %}
{% endmacro %}

{% macro postgres__create_changes_sql(dimension, changes, unique_key) %}
    create table {{ changes }} as (
        select cast(null as text) as scd2_reader, {{ scd2_list(unique_key) }}, valid_from as scd2_changed_from
        from {{ dimension }}
        where false
    );
    alter table {{ changes }} add unique nulls not distinct (scd2_reader, {{ scd2_list(unique_key) }});
    comment on table {{ changes }} is
    'From when on timelines of {{ dimension.identifier }} differ from what a fact model last saw of them.'
{% endmacro %}
