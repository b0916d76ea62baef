{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        indexes=[{'columns': ['repository', 'ref']}, {'columns': ['_batch_id']}]
    )
}}

with refs as (
    select * from {{ ref('git__refs') }}
),

claimed as (
    select * from refs
    where {{ claimed_batches() }}
),

cleaned as (
    select
        _batch_id,
        _line,
        _event_at,
        _received_at,
        _operation,
        _sha256,
        repository,
        ref,
        kind as ref_kind,
        name as ref_name,
        target_hash,
        is_annotated,
        {{ clean_text('tagger_name') }} as tagger_name,
        lower({{ clean_text('tagger_email') }}) as tagger_email,
        tagged_at,
        tagged_at_raw,
        tagged_offset_minutes,
        tag_subject,
        observed_at
    from claimed
)

select * from cleaned
