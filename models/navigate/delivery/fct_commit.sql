{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['repository', 'commit_hash'],
        partition_by={'field': 'committed_on', 'granularity': 'year'},
        indexes=[{'columns': ['author_id']}, {'columns': ['committer_id']}],
        version_keys={
            'author_version_key': {
                'dimension': 'dim_developer', 'key': {'developer_id': 'author_id'}, 'at': 'committed_at'
            },
            'committer_version_key': {
                'dimension': 'dim_developer', 'key': {'developer_id': 'committer_id'}, 'at': 'committed_at'
            },
            'repository_version_key': {
                'dimension': 'dim_repository', 'key': {'repository': 'repository'}, 'at': 'committed_at'
            }
        }
    )
}}

with commit_events as (
    select * from {{ ref('commit_events') }}
),

developers as (
    select * from {{ ref('dim_developer') }}
),

repositories as (
    select * from {{ ref('dim_repository') }}
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
),

-- Each takes the versions that held when the commit was made.
pointed as (
    select
        folded.*,
        coalesce(authors.version_key, {{ placeholder_key() }}) as author_version_key,
        coalesce(committers.version_key, {{ placeholder_key() }}) as committer_version_key,
        coalesce(repositories.version_key, {{ placeholder_key() }}) as repository_version_key
    from folded
    left outer join developers as authors
        on {{ version_at('authors', {'developer_id': 'folded.author_id'}, 'folded.committed_at') }}
    left outer join developers as committers
        on {{ version_at('committers', {'developer_id': 'folded.committer_id'}, 'folded.committed_at') }}
    left outer join repositories
        on {{ version_at('repositories', {'repository': 'folded.repository'}, 'folded.committed_at') }}
)

select * from pointed
