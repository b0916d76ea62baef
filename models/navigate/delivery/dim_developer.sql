with commits as (
    select * from {{ ref('fct_commit') }}
),

appearances as (
    select
        author_id as developer_id,
        author_name as developer_name,
        author_email as email,
        repository,
        commit_hash,
        committed_on,
        committed_at,
        is_reachable,
        1 as is_author
    from commits
    union all
    select
        committer_id as developer_id,
        committer_name as developer_name,
        committer_email as email,
        repository,
        commit_hash,
        committed_on,
        committed_at,
        is_reachable,
        0 as is_author
    from commits
),

-- A name typed last is the current one; a commit without a date decides only where there is no other.
latest_appearances as (
    {{
        latest_by(
            'appearances', ['developer_id'],
            ['committed_on', 'committed_at', 'is_author', 'commit_hash', 'repository']
        )
    }}
),

counted as (
    select
        developer_id,
        min(case when is_reachable then committed_at end) as first_commit_at,
        max(case when is_reachable then committed_at end) as last_commit_at,
        count(case when is_reachable and is_author = 1 then 1 end) as commits,
        count(distinct case when is_reachable and is_author = 1 then repository end) as repositories
    from appearances
    group by developer_id
),

developers as (
    select
        counted.developer_id,
        latest_appearances.developer_name,
        latest_appearances.email,
        counted.first_commit_at,
        counted.last_commit_at,
        counted.commits,
        counted.repositories
    from counted
    inner join latest_appearances on counted.developer_id = latest_appearances.developer_id
)

select * from developers
