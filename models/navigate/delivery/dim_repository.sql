{{
    config(
        materialized='scd2',
        unique_key=['repository'],
        updated_at='tagged_at',
        record_hash='tag_identity',
        placeholder={'repository': '', 'latest_tag': '(unknown)', 'is_placeholder': true}
    )
}}

with ref_events as (
    select * from {{ ref('ref_events') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

repositories as (
    select repository from ref_events
    union
    select repository from commit_events
),

-- Whatever a repository holds, it was there before.
beginnings as (
    select
        repository,
        cast(null as text) as latest_tag,
        cast(null as text) as latest_tag_commit,
        false as is_placeholder,
        {{ start_of_time() }} as tagged_at,
        '' as tag_identity
    from repositories
),

-- Of two tags of one instant the one that sorts last holds. Only annotated tags say when they were made.
tags as (
    select distinct
        repository,
        ref_name as latest_tag,
        target_hash as latest_tag_commit,
        false as is_placeholder,
        tagged_at,
        ref_name || ' ' || coalesce(target_hash, '') as tag_identity
    from ref_events
    where ref_kind = 'tag' and is_annotated and tagged_at is not null
),

events as (
    select * from beginnings
    union all
    select * from tags
)

select * from events
