{% macro scd2_snapshots_sql() %}
    {#- Batches of one time are one snapshot: a file, say, and the replay of what was refused of it. -#}
    select
        b.snapshot_at,
        row_number() over (order by b.snapshot_at) as scd2_ordinal,
        count(q.batch_id) as refused
    from explore.batches as b
    left outer join explore.quarantine as q on q.batch_id = b.batch_id and q.part = 0 and q.resolved_at is null
    where b.snapshot_at is not null and b.batch_id in ({{ claims_of_this_run() }})
    group by b.snapshot_at
{% endmacro %}
