with commits as (
    select * from {{ ref('fct_commit') }}
    where is_reachable
),

developers as (
    select * from {{ ref('dim_developer') }}
),

counted as (
    select
        developers.developer_id,
        coalesce(developers.developer_name, '') as developer_name,
        min(commits.committed_at) as first_commit_at,
        max(commits.committed_at) as last_commit_at,
        count(*) as commits
    from commits
    inner join developers on commits.author_version_key = developers.version_key
    group by developers.developer_id, coalesce(developers.developer_name, '')
)

select * from counted
