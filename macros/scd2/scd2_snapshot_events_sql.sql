{% macro scd2_snapshot_events_sql(shape, versions=none, among=none) %}
    {#- Each snapshot beside the one before it, the first beside what is held: what is new or differs is an upsert, what is
        missing was deleted at that snapshot's time. -#}
    {%- set state = shape.check_cols -%}
    {%- set observed = scd2_scratch('scd2_observed') %}
    with before as (
        select {{ scd2_list(shape.unique_key + state) }}, scd2_ordinal
        from {{ observed }}
        where scd2_ordinal < (select max(scd2_ordinal) from {{ scd2_scratch('scd2_snapshots') }})
        {%- if versions %}
        union all
        select {{ scd2_list(shape.unique_key + state) }}, 0 as scd2_ordinal
        from {{ versions }}
        where
            is_current
            {{ 'and (' ~ scd2_list(shape.unique_key) ~ ') in (select ' ~ scd2_list(shape.unique_key) ~ ' from ' ~ among ~ ')'
                if among }}
        {%- endif %}
    )

    select
        {% for name in shape.columns -%}
        {%- set column = quoted_identifier(name) -%}
        {%- if name == shape.updated_at -%} snapshots.snapshot_at
        {%- elif name in shape.unique_key -%} coalesce(seen.{{ column }}, before.{{ column }})
        {%- else -%} seen.{{ column }}
        {%- endif %} as {{ column }},
        {% endfor %}seen.scd2_ordinal is null as is_deleted
    from {{ observed }} as seen
    full outer join before on seen.scd2_ordinal = before.scd2_ordinal + 1 and {{ scd2_same_key(shape, 'seen', 'before') }}
    inner join {{ scd2_scratch('scd2_snapshots') }} as snapshots
        on snapshots.scd2_ordinal = coalesce(seen.scd2_ordinal, before.scd2_ordinal + 1)
    where
        seen.scd2_ordinal is null
        or before.scd2_ordinal is null
        {{ 'or (' ~ scd2_list(state, 'seen') ~ ') is distinct from (' ~ scd2_list(state, 'before') ~ ')' if state }}
{% endmacro %}
