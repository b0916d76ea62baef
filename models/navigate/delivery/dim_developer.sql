{{
    config(
        materialized='scd2',
        unique_key=['developer_id'],
        updated_at='seen_at',
        sequence='is_author',
        record_hash='written_name',
        placeholder={
            'developer_id': '', 'person_id': '', 'developer_name': '(unknown)', 'is_login': false, 'is_placeholder': true
        },
        pre_hook="{{ merge_identities(ref('developer_identities')) }}"
    )
}}

with commits as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert' and {{ claimed_batches() }}
),

logins as (
    select * from {{ ref('service_logins') }}
    where {{ claimed_batches() }}
),

identities as (
    select * from {{ ref('developer_identities') }}
),

appearances as (
    select
        {{ developer_id('author_email', 'author_name') }} as developer_id,
        author_name as developer_name,
        author_email as email,
        committed_at,
        1 as is_author,
        false as is_login
    from commits
    union all
    select
        {{ developer_id('committer_email', 'committer_name') }} as developer_id,
        committer_name as developer_name,
        committer_email as email,
        committed_at,
        0 as is_author,
        false as is_login
    from commits
    union all
    select
        developer_id,
        login as developer_name,
        cast(null as text) as email,
        cast(null as timestamp with time zone) as committed_at,
        0 as is_author,
        true as is_login
    from logins
),

-- Of two names at one instant the author's holds, then the one that sorts last. A commit without a date comes first.
events as (
    select
        appearances.developer_id,
        coalesce(identities.person_id, appearances.developer_id) as person_id,
        identities.merged_by,
        appearances.developer_name,
        appearances.email,
        appearances.is_login,
        false as is_placeholder,
        coalesce(appearances.committed_at, {{ start_of_time() }}) as seen_at,
        max(appearances.is_author) as is_author,
        coalesce(appearances.developer_name, '') as written_name
    from appearances
    left outer join identities on appearances.developer_id = identities.developer_id
    group by
        appearances.developer_id,
        identities.person_id,
        identities.merged_by,
        appearances.developer_name,
        appearances.email,
        appearances.is_login,
        appearances.committed_at
)

select * from events
