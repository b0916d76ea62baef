{{
    config(
        materialized='scd2',
        unique_key=['developer_id'],
        updated_at='seen_at',
        sequence='is_author',
        record_hash='written_name',
        placeholder={'developer_id': '', 'developer_name': '(unknown)', 'is_placeholder': true}
    )
}}

with commits as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

appearances as (
    select
        {{ developer_id('author_email', 'author_name') }} as developer_id,
        author_name as developer_name,
        author_email as email,
        committed_at,
        1 as is_author
    from commits
    union all
    select
        {{ developer_id('committer_email', 'committer_name') }} as developer_id,
        committer_name as developer_name,
        committer_email as email,
        committed_at,
        0 as is_author
    from commits
),

-- Of two names at one instant the author's holds, then the one that sorts last. A commit without a date comes first.
events as (
    select
        developer_id,
        developer_name,
        email,
        false as is_placeholder,
        coalesce(committed_at, {{ start_of_time() }}) as seen_at,
        max(is_author) as is_author,
        coalesce(developer_name, '') as written_name
    from appearances
    group by developer_id, developer_name, email, committed_at
)

select * from events
