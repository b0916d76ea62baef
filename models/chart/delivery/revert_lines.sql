{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['repository', 'commit_hash', 'quoted_hash']
    )
}}

with commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

messages as (
    select
        repository,
        commit_hash,
        coalesce(subject, '') || chr(10) || coalesce(body, '') as message
    from commit_events
),

found as (
    {{ captured_in_lines(
        'messages', ['repository', 'commit_hash'], 'message', '^[ \\t]*This reverts commit ([0-9a-f]{7,40})', 'quoted_hash'
    ) }}
),

once as (
    select distinct
        repository,
        commit_hash,
        quoted_hash
    from found
)

select * from once
