{% macro scd2_complete_sql(shape, ordinal, versions=none) %}
    {#- What a partial snapshot lacks is taken to be as it was in the one before it, or as it is held. -#}
    insert into {{ scd2_scratch('scd2_observed') }} ({{ scd2_list(shape.columns) }}, is_deleted, scd2_ordinal)
    select
        {% for name, type in shape.columns.items() -%}
        {%- if name == shape.updated_at -%} snapshots.snapshot_at
        {%- elif name in shape.carried -%} previous.{{ quoted_identifier(name) }}
        {%- else -%} cast(null as {{ type }})
        {%- endif -%},
        {% endfor %}false,
        snapshots.scd2_ordinal
    from {{ versions if ordinal == 1 else scd2_scratch('scd2_observed') }} as previous
    inner join {{ scd2_scratch('scd2_snapshots') }} as snapshots on snapshots.scd2_ordinal = {{ ordinal }}
    where
        {{ 'previous.is_current' if ordinal == 1 else 'previous.scd2_ordinal = ' ~ (ordinal - 1) }}
        and not exists (
            select 1
            from {{ scd2_scratch('scd2_observed') }} as seen
            where seen.scd2_ordinal = {{ ordinal }} and {{ scd2_same_key(shape, 'seen', 'previous') }}
        )
{% endmacro %}
