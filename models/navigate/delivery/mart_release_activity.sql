with commits as (
    select * from {{ ref('fct_commit') }}
    where is_reachable
),

repositories as (
    select * from {{ ref('dim_repository') }}
),

counted as (
    select
        commits.repository,
        commits.repository_version_key,
        repositories.latest_tag,
        count(*) as commits,
        count(distinct commits.author_id) as authors,
        min(commits.committed_at) as first_commit_at,
        max(commits.committed_at) as last_commit_at
    from commits
    inner join repositories on commits.repository_version_key = repositories.version_key
    group by commits.repository, commits.repository_version_key, repositories.latest_tag
)

select * from counted
