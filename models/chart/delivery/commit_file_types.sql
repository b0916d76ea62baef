{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['repository', 'commit_hash']
    )
}}

with commits as (
    select * from {{ ref('git__commits') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

-- A commit never changes; one that came back landed again.
latest as (
    {{ latest_by('commits', ['repository', 'hash']) }}
),

stats as (
    {{ unnested('latest', ['repository', 'hash'], 'file_types', 'stat') }}
),

typed as (
    select
        repository,
        hash as commit_hash,
        {{ json_field('stat', 'file_type', 'text') }} as file_type,
        {{ json_field('stat', 'files_changed', 'integer') }} as files_changed,
        {{ json_field('stat', 'lines_added', 'integer') }} as lines_added,
        {{ json_field('stat', 'lines_deleted', 'integer') }} as lines_deleted
    from stats
)

select * from typed
