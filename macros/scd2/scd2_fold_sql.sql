{% macro scd2_fold_sql(shape, events, touched=none) %}
    {#- Each key's timeline: where its state changes, until when that holds, and where the version before it ended: here,
        or at a delete that something came before. `touched` narrows it to some keys. -#}
    {%- set at = quoted_identifier(shape.updated_at) -%}
    {%- set state = scd2_list(shape.check_cols) %}
    with timeline as (
        select {{ scd2_list(shape.columns, 'kept') }}, kept.is_deleted
        from {{ events }} as kept
        {%- if touched %}
        inner join {{ touched }} as touched on {{ scd2_same_key(shape, 'kept', 'touched') }}
        {%- endif %}
    ),

    marked as (
        select
            *,
            is_deleted is distinct from lag(is_deleted) over timeline
            {%- if state %}
            or (not is_deleted and ({{ state }}) is distinct from ({{ scd2_list(shape.check_cols, wrap='lag') }}))
            {%- endif %} as scd2_is_change
        from timeline
        window timeline as (partition by {{ scd2_list(shape.unique_key) }} order by {{ at }})
    ),

    changes as (
        select
            *,
            lead({{ at }}) over timeline as valid_to,
            case
                when not lag(is_deleted) over timeline then {{ at }}
                when lag({{ at }}, 2) over timeline is not null then lag({{ at }}) over timeline
            end as prev_to
        from marked
        where scd2_is_change
        window timeline as (partition by {{ scd2_list(shape.unique_key) }} order by {{ at }})
    )

    select
        {{ scd2_version_key(shape) }} as version_key,
        {{ scd2_list(shape.carried) }},
        {{ at }} as valid_from,
        valid_to,
        valid_to is null as is_current,
        prev_to
    from changes
    where not is_deleted
{% endmacro %}
