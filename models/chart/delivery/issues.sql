with github as (
    select * from {{ ref('github__issues') }}
),

gitlab as (
    select * from {{ ref('gitlab__issues') }}
),

jira as (
    select * from {{ ref('jira__issues') }}
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

latest_jira as (
    {{ latest_by('jira', ['site', 'issue_id']) }}
),

hosted as (
    select
        'github' as system,
        repository_id,
        number,
        title,
        body,
        cast(null as text) as issue_type,
        state,
        state_reason as resolution,
        labels,
        author_login,
        assignees,
        created_at,
        closed_at,
        _event_at as updated_at
    from latest_github
    where _operation = 'upsert'
    union all
    select
        'gitlab' as system,
        repository_id,
        number,
        title,
        body,
        type as issue_type,
        state,
        cast(null as text) as resolution,
        labels,
        author_login,
        assignees,
        created_at,
        closed_at,
        _event_at as updated_at
    from latest_gitlab
    where _operation = 'upsert'
),

from_hosts as (
    select
        hosted.system || ':' || hosted.repository_id || '#' || cast(hosted.number as text) as issue_id,
        hosted.system,
        repositories.repository,
        repositories.repository || '#' || cast(hosted.number as text) as issue_name,
        hosted.title,
        hosted.body,
        hosted.issue_type,
        hosted.state as status,
        case hosted.state when 'closed' then 'done' else 'open' end as status_category,
        hosted.resolution,
        hosted.labels,
        {{ login_id("split_part(hosted.repository_id, '/', 1)", 'hosted.author_login') }} as author_id,
        hosted.author_login,
        hosted.assignees,
        hosted.created_at,
        hosted.closed_at as resolved_at,
        hosted.updated_at
    from hosted
    inner join repositories
        on hosted.system = repositories.system and hosted.repository_id = repositories.repository_id
),

-- An issue of Jira belongs to a project, and to no repository.
from_jira as (
    select
        'jira:' || site || '/' || issue_id as issue_id,
        'jira' as system,
        cast(null as text) as repository,
        issue_key as issue_name,
        title,
        body,
        type as issue_type,
        status,
        category as status_category,
        resolution,
        labels,
        {{ login_id('site', 'author') }} as author_id,
        author as author_login,
        {{ list_of('assignee') }} as assignees,
        created_at,
        resolved_at,
        _event_at as updated_at
    from latest_jira
    where _operation = 'upsert'
),

issues as (
    select * from from_hosts
    union all
    select * from from_jira
)

select * from issues
