{% macro scd2_check_snapshots_sql(shape, events) %}
    select
        (select count(*) from {{ scd2_scratch('scd2_snapshots') }}) as snapshots,
        (select min(snapshot_at) from {{ scd2_scratch('scd2_snapshots') }}) as first_at,
        (select sum(refused) from {{ scd2_scratch('scd2_snapshots') }}) as refused,
        (select min(snapshot_at) from {{ scd2_scratch('scd2_snapshots') }} where refused > 0) as partial_at,
        greatest(
            (
                select max(b.snapshot_at)
                from pipeline.batches_read as r
                inner join explore.batches as b on b.batch_id = r.batch_id
                where r.model = '{{ model.unique_id }}' and r.run_id <> cast('{{ invocation_id }}' as uuid)
            ),
            {{ '(select max(' ~ quoted_identifier(shape.updated_at) ~ ') from ' ~ events ~ ')' if events else 'null' }}
        ) as held_at,
        (
            select count(*)
            from {{ scd2_scratch('scd2_staged') }}
            where {{ quoted_identifier(shape.updated_at) }} not in (select snapshot_at from {{ scd2_scratch('scd2_snapshots') }})
        ) as strays
{% endmacro %}
