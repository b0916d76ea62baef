with github as (
    select * from {{ ref('github__pull_requests') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

told as (
    {{ unnested('github', ['repository_id'], 'commit_logins', 'commit_login') }}
),

-- A commit may be in several pull requests, and each of these may have landed several times.
verified as (
    select distinct
        repositories.repository,
        split_part(told.commit_login, ' ', 1) as commit_hash,
        {{ login_id("split_part(told.repository_id, '/', 1)", "split_part(told.commit_login, ' ', 2)") }}
            as developer_id
    from told
    inner join repositories
        on repositories.system = 'github' and told.repository_id = repositories.repository_id
)

select * from verified
