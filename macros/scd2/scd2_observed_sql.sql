{% macro scd2_observed_sql(shape, among=none) %}
    select won.*, snapshots.scd2_ordinal
    from ({{ scd2_winners_sql(shape, among) }}) as won
    inner join {{ scd2_scratch('scd2_snapshots') }} as snapshots
        on won.{{ quoted_identifier(shape.updated_at) }} = snapshots.snapshot_at
{% endmacro %}
