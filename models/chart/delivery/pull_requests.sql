with github as (
    select * from {{ ref('github__pull_requests') }}
),

gitlab as (
    select * from {{ ref('gitlab__merge_requests') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id', 'number']) }}
),

latest_gitlab as (
    {{ latest_by('gitlab', ['repository_id', 'number']) }}
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
        author_type = 'Bot' as is_by_bot,
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

-- GitLab says nothing of programs, and counts no lines.
from_gitlab as (
    select
        'gitlab' as system,
        repository_id,
        number,
        title,
        state,
        is_draft,
        author_login,
        cast(null as boolean) as is_by_bot,
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
        cast(null as bigint) as lines_added,
        cast(null as bigint) as lines_deleted,
        cast(null as bigint) as files_changed,
        _event_at as updated_at
    from latest_gitlab
    where _operation = 'upsert'
),

pull_requests as (
    select * from from_github
    union all
    select * from from_gitlab
),

named as (
    select
        pull_requests.system || ':' || pull_requests.repository_id || '#'
        || cast(pull_requests.number as text) as pull_request_id,
        repositories.repository,
        {{ login_id("split_part(pull_requests.repository_id, '/', 1)", 'pull_requests.author_login') }} as author_id,
        pull_requests.*
    from pull_requests
    inner join repositories
        on
            pull_requests.system = repositories.system
            and pull_requests.repository_id = repositories.repository_id
)

select * from named
