{% macro scd2_new_events_sql(shape, snapshots=none, versions=none) -%}
    {%- if not snapshots or snapshots.are_new -%}
        {{ scd2_winners_sql(shape) }}
    {%- else -%}
        {{ scd2_snapshot_events_sql(shape, versions, scd2_scratch('scd2_differing') if snapshots.differ else none) }}
    {%- endif -%}
{%- endmacro %}
