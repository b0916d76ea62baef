with github as (
    select * from {{ ref('github__pull_requests') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id', 'number']) }}
),

from_github as (
    select
        'github' as system,
        repository_id,
        number,
        title,
        state,
        is_draft,
        author_login,
        coalesce(author_type = 'Bot', false) as is_by_bot,
        created_at,
        first_authored_at,
        merged_at,
        closed_at,
        merged_by_login,
        merge_commit_hash,
        base_branch,
        head_branch,
        head_hash,
        commit_hashes,
        labels,
        lines_added,
        lines_deleted,
        files_changed,
        _event_at as updated_at
    from latest_github
    where _operation = 'upsert'
),

pull_requests as (
    select * from from_github
),

named as (
    select
        pull_requests.system || ':' || pull_requests.repository_id || '#'
        || cast(pull_requests.number as text) as pull_request_id,
        repositories.repository,
        pull_requests.*
    from pull_requests
    inner join repositories
        on
            pull_requests.system = repositories.system
            and pull_requests.repository_id = repositories.repository_id
)

select * from named
