{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['repository', 'commit_hash'],
        partition_by={'field': 'committed_on', 'period': 'year'},
        indexes=[{'columns': ['author_id']}]
    )
}}

with commit_events as (
    select * from {{ ref('commit_events') }}
),

{% if is_incremental() %}
touched as (
    select distinct
        repository,
        commit_hash
    from commit_events
    where {{ claimed_batches() }}
),

{% endif %}
events as (
    select commit_events.*
    from commit_events
    {% if is_incremental() %}
    inner join touched
        on commit_events.repository = touched.repository and commit_events.commit_hash = touched.commit_hash
    {% endif %}
),

-- A delete says only that the commit can no longer be reached: what it was, its latest upsert says.
latest as (
    select
        events.*,
        row_number() over (
            partition by events.repository, events.commit_hash
            order by
                case when events._operation = 'upsert' then 0 else 1 end, events._event_at desc, events._sha256 desc
        ) as upsert_recency,
        first_value(events._operation) over recency as latest_operation,
        first_value(events._event_at) over recency as latest_event_at
    from events
    window recency as (
        partition by events.repository, events.commit_hash order by events._event_at desc, events._sha256 desc
    )
),

folded as (
    select
        repository,
        commit_hash,
        {{ committed_on('committed_at') }} as committed_on,
        committed_at,
        committed_offset_minutes,
        authored_at,
        authored_offset_minutes,
        {{ developer_id('author_email', 'author_name') }} as author_id,
        author_name,
        author_email,
        {{ developer_id('committer_email', 'committer_name') }} as committer_id,
        committer_name,
        committer_email,
        parent_hashes,
        is_merge,
        subject,
        files_changed,
        lines_added,
        lines_deleted,
        latest_operation = 'upsert' as is_reachable,
        latest_event_at as reachable_changed_at
    from latest
    where upsert_recency = 1 and _operation = 'upsert'
)

select * from folded
