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
        select scd2_reader from {{ changes }} where scd2_changed_from is null
    ),

    changed as ({{ changed_timelines_sql(unique_key) }})

    insert into {{ changes }} as known (scd2_reader, {{ scd2_list(unique_key) }}, scd2_changed_from)
    select readers.scd2_reader, {{ scd2_list(unique_key, 'changed') }}, changed.scd2_changed_from
    from changed
    cross join readers
    on conflict (scd2_reader, {{ scd2_list(unique_key) }}) do update
    set scd2_changed_from = excluded.scd2_changed_from
    where excluded.scd2_changed_from < known.scd2_changed_from
{% endmacro %}
