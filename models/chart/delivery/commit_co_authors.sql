{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['repository', 'commit_hash']
    )
}}

with commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

trailers as (
    select
        repository,
        commit_hash,
        {{ trailer_values('body', 'co-authored-by') }} as co_authors
    from commit_events
),

co_authors as (
    {{ unnested('trailers', ['repository', 'commit_hash'], 'co_authors', 'co_author') }}
),

parted as (
    select distinct
        repository,
        commit_hash,
        {{ clean_text("split_part(co_author, '<', 1)") }} as co_author_name,
        lower({{ clean_text("split_part(split_part(co_author, '<', 2), '>', 1)") }}) as co_author_email
    from co_authors
),

identified as (
    select
        repository,
        commit_hash,
        {{ developer_id('co_author_email', 'co_author_name') }} as developer_id,
        max(co_author_name) as co_author_name,
        co_author_email
    from parted
    where co_author_name is not null or co_author_email is not null
    group by repository, commit_hash, {{ developer_id('co_author_email', 'co_author_name') }}, co_author_email
)

select * from identified
