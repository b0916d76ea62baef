{{
    config(
        materialized='scd2',
        unique_key=['repository', 'ref'],
        updated_at='_event_at',
        operation='_operation',
        record_hash='_sha256',
        max_closed_share=1
    )
}}

-- Branches come and go, and each deletion was seen: no share of them is too much.
with ref_events as (
    select * from {{ ref('ref_events') }}
),

events as (
    select
        repository,
        ref,
        ref_kind,
        ref_name as branch,
        target_hash as head_hash,
        _event_at,
        _operation,
        _sha256
    from ref_events
    where ref_kind in ('branch', 'remote_branch') and {{ claimed_batches() }}
)

select * from events
