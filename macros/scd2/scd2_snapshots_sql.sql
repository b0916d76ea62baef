{% macro scd2_snapshots_sql() %}
    {#- Batches of one time are one snapshot: a file, say, and the replay of what was refused of it. -#}
    with snapshots as (
        select
            b.snapshot_at,
            count(q.batch_id) as refused,
            count(q.batch_id) = 0 as is_complete
        from explore.batches as b
        left outer join explore.quarantine as q on q.batch_id = b.batch_id and q.part = 0 and q.resolved_at is null
        where b.snapshot_at is not null and b.batch_id in ({{ claims_of_this_run() }})
        group by b.snapshot_at
    )

    select
        snapshot_at,
        refused,
        is_complete,
        min(case when is_complete then snapshot_at end) over (
            order by snapshot_at rows between 1 following and unbounded following
        ) as next_complete_at
    from snapshots
{% endmacro %}
