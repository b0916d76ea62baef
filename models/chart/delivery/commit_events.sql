{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        indexes=[{'columns': ['repository', 'commit_hash']}, {'columns': ['_batch_id']}]
    )
}}

with commits as (
    select * from {{ ref('git__commits') }}
),

claimed as (
    select * from commits
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
        hash as commit_hash,
        tree as tree_hash,
        parents as parent_hashes,
        {{ clean_text('author_name') }} as author_name,
        lower({{ clean_text('author_email') }}) as author_email,
        authored_at,
        authored_offset_minutes,
        authored_at_raw,
        {{ clean_text('committer_name') }} as committer_name,
        lower({{ clean_text('committer_email') }}) as committer_email,
        committed_at,
        committed_offset_minutes,
        committed_at_raw,
        subject,
        body,
        files_changed,
        lines_added,
        lines_deleted,
        is_merge,
        encoding_repaired,
        observed_at
    from claimed
)

select * from cleaned
