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

upserts as (
    select * from events
    where _operation = 'upsert'
),

latest_events as (
    {{ latest_by('events', ['repository', 'commit_hash']) }}
),

-- A delete says only that the commit can no longer be reached: what it was, its latest upsert says.
latest_upserts as (
    {{ latest_by('upserts', ['repository', 'commit_hash']) }}
),

folded as (
    select
        latest_upserts.repository,
        latest_upserts.commit_hash,
        {{ committed_on('latest_upserts.committed_at') }} as committed_on,
        latest_upserts.committed_at,
        latest_upserts.committed_offset_minutes,
        latest_upserts.authored_at,
        latest_upserts.authored_offset_minutes,
        {{ developer_id('latest_upserts.author_email', 'latest_upserts.author_name') }} as author_id,
        latest_upserts.author_name,
        latest_upserts.author_email,
        {{ developer_id('latest_upserts.committer_email', 'latest_upserts.committer_name') }} as committer_id,
        latest_upserts.committer_name,
        latest_upserts.committer_email,
        latest_upserts.parent_hashes,
        latest_upserts.is_merge,
        latest_upserts.subject,
        latest_upserts.files_changed,
        latest_upserts.lines_added,
        latest_upserts.lines_deleted,
        latest_events._operation = 'upsert' as is_reachable,
        latest_events._event_at as reachable_changed_at
    from latest_upserts
    inner join latest_events
        on
            latest_upserts.repository = latest_events.repository
            and latest_upserts.commit_hash = latest_events.commit_hash
)

select * from folded
