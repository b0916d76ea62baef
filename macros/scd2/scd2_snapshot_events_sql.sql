{% macro scd2_snapshot_events_sql(shape, versions=none) %}
    {#- What changed from snapshot to snapshot: a key that is new or differs is an upsert, one that a complete snapshot
        lacks was deleted at that snapshot's time. Before the first of them stands what is current. -#}
    {%- set at = quoted_identifier(shape.updated_at) -%}
    {%- set state = shape.check_cols -%}
    {%- set first_complete = '(select min(snapshot_at) from ' ~ scd2_scratch('scd2_snapshots') ~ ' where is_complete)' %}
    with observed as (
        select
            {{ scd2_list(shape.columns, 'seen') }},
            snapshots.next_complete_at as absent_at,
            lag(snapshots.next_complete_at) over timeline as absent_before_at,
            lag(seen.{{ at }}) over timeline as seen_before_at,
            lead(seen.{{ at }}) over timeline as seen_next_at,
            {{ '(' ~ scd2_list(state, 'seen') ~ ') is distinct from (' ~ scd2_list(state, 'seen', wrap='lag') ~ ')'
                if state else 'false' }} as is_different
        from {{ scd2_scratch('scd2_observed') }} as seen
        inner join {{ scd2_scratch('scd2_snapshots') }} as snapshots on seen.{{ at }} = snapshots.snapshot_at
        window timeline as (partition by {{ scd2_list(shape.unique_key, 'seen') }} order by seen.{{ at }})
    )

    select {{ scd2_list(shape.columns, 'observed') }}, false as is_deleted
    from observed
    {%- if versions %}
    left outer join {{ versions }} as held
        on held.is_current and observed.seen_before_at is null and {{ scd2_same_key(shape, 'held', 'observed') }}
    {%- endif %}
    where
        case
            when observed.seen_before_at is not null
                then observed.is_different or coalesce(observed.absent_before_at < observed.{{ at }}, false)
            {%- if versions %}
            when held.version_key is not null
                then coalesce({{ first_complete }} < observed.{{ at }}, false)
                {{ 'or (' ~ scd2_list(state, 'observed') ~ ') is distinct from (' ~ scd2_list(state, 'held') ~ ')' if state }}
            {%- endif %}
            else true
        end
    union all
    select {{ scd2_deletion_list(shape, 'observed', 'observed.absent_at') }}, true
    from observed
    where observed.absent_at < coalesce(observed.seen_next_at, 'infinity')
    {%- if versions %}
    union all
    select {{ scd2_deletion_list(shape, 'held', first_complete) }}, true
    from {{ versions }} as held
    where
        held.is_current
        and {{ first_complete }} is not null
        and not exists (
            select 1
            from observed
            where {{ scd2_same_key(shape, 'observed', 'held') }} and observed.{{ at }} <= {{ first_complete }}
        )
    {%- endif %}
{% endmacro %}
