{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['repository', 'commit_hash', 'parent_hash'],
        indexes=[
            {'columns': ['repository', 'commit_hash', 'parent_hash'], 'unique': true},
            {'columns': ['repository', 'parent_hash']}
        ]
    )
}}

-- A commit's parents are part of its hash: what has been read once never changes, also if no ref leads there any more.
with commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

links as (
    {{ unnested('commit_events', ['repository', 'commit_hash'], 'parent_hashes', 'parent_hash') }}
),

once as (
    select distinct
        repository,
        commit_hash,
        parent_hash
    from links
)

select * from once
