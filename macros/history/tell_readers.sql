{% macro tell_readers(versions, shape, starts_over) %}
    {#- Notes from when on the timelines of this run's keys differ, for each fact that has asked. A dimension that starts
        over forgets who asked, and who isn't known any more compares everything. -#}
    {% set changes = scd2_sibling(versions, 'changes') %}
    {% if starts_over %}
        {% do scd2_drop([changes]) %}
    {% elif scd2_columns(changes) %}
        {% call statement('tell_readers') %}
            {{ adapter.dispatch('tell_readers_sql')(changes, shape.unique_key) }}
        {% endcall %}
        {% if load_result('tell_readers')['response'].rows_affected %}
            {% do scd2_analyze(changes) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro postgres__tell_readers_sql(changes, unique_key) %}
    with readers as (
        select reader from {{ changes }} where changed_from is null
    ),

    changed as ({{ changed_timelines_sql(unique_key) }})

    insert into {{ changes }} as known (reader, {{ scd2_list(unique_key) }}, changed_from)
    select readers.reader, {{ scd2_list(unique_key, 'changed') }}, changed.changed_from
    from changed
    cross join readers
    on conflict (reader, {{ scd2_list(unique_key) }}) do update
    set changed_from = excluded.changed_from
    where excluded.changed_from < known.changed_from
{% endmacro %}
