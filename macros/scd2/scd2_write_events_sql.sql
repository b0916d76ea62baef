{% macro scd2_write_events_sql(shape, events) -%}
    {{ adapter.dispatch('scd2_write_events_sql')(shape, events) }}
{%- endmacro %}

{% macro postgres__scd2_write_events_sql(shape, events) -%}
    {%- set instant = shape.unique_key + [shape.updated_at] -%}
    {%- set columns = shape.columns | list + ['is_deleted'] -%}
    {%- set ranks = scd2_ranks(shape) %}
    with written as (
        insert into {{ events }} as held ({{ scd2_list(columns) }})
        select {{ scd2_list(columns) }} from {{ scd2_scratch('scd2_new') }}
        on conflict ({{ scd2_list(instant) }})
        {%- if ranks %} do update
        set {% for name in columns if name not in instant -%}
            {{ quoted_identifier(name) }} = excluded.{{ quoted_identifier(name) }}{{ ', ' if not loop.last }}
        {%- endfor %}
        where ({{ scd2_list(ranks, 'excluded') }}) > ({{ scd2_list(ranks, 'held') }})
        {%- else %} do nothing
        {%- endif %}
        -- A row that was never updated has no xmax.
        returning {{ scd2_list(shape.unique_key) }}, held.xmax = 0 as scd2_is_new
    )

    insert into {{ scd2_scratch('scd2_written') }}
    select {{ scd2_list(shape.unique_key) }}, scd2_is_new from written
{%- endmacro %}
