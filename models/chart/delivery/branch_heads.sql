with ref_events as (
    select * from {{ ref('ref_events') }}
    where ref_kind in ('branch', 'remote_branch')
),

latest as (
    {{ latest_by('ref_events', ['repository', 'ref']) }}
),

heads as (
    select
        repository,
        ref,
        ref_kind,
        ref_name as branch,
        target_hash as head_hash,
        _event_at as moved_at
    from latest
    where _operation = 'upsert'
)

select * from heads
