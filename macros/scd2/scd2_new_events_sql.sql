{% macro scd2_new_events_sql(shape, versions=none) -%}
    {{ scd2_snapshot_events_sql(shape, versions) if shape.delivery == 'snapshot' else scd2_winners_sql(shape) }}
{%- endmacro %}
