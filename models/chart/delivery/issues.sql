with github as (
    select * from {{ ref('github__issues') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id', 'number']) }}
),

from_github as (
    select
        'github:' || latest_github.repository_id || '#' || cast(latest_github.number as text) as issue_id,
        'github' as system,
        repositories.repository,
        repositories.repository || '#' || cast(latest_github.number as text) as issue_name,
        latest_github.title,
        latest_github.body,
        cast(null as text) as issue_type,
        latest_github.state as status,
        case latest_github.state when 'closed' then 'done' else 'open' end as status_category,
        latest_github.state_reason as resolution,
        latest_github.labels,
        latest_github.author_login,
        latest_github.assignees,
        latest_github.created_at,
        latest_github.closed_at as resolved_at,
        latest_github._event_at as updated_at
    from latest_github
    inner join repositories on latest_github.repository_id = repositories.repository_id
    where latest_github._operation = 'upsert'
),

issues as (
    select * from from_github
)

select * from issues
