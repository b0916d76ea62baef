with github as (
    select * from {{ ref('github__issues') }}
),

gitlab as (
    select * from {{ ref('gitlab__issues') }}
),

jira as (
    select * from {{ ref('jira__issues') }}
),

issue_changes as (
    select * from {{ ref('issue_changes') }}
    where field = 'status'
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
        split_part(hosted.repository_id, '/', 1) as host,
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

-- Some workflows end without a resolution.
ends as (
    select
        issue_id,
        max(changed_at) as done_at
    from issue_changes
    where to_category = 'done' and from_category is distinct from 'done'
    group by issue_id
),

named_jira as (
    select
        *,
        'jira:' || site || '/' || issue_id as full_id
    from latest_jira
    where _operation = 'upsert'
),

-- An issue of Jira belongs to a project, and to no repository.
from_jira as (
    select
        named_jira.full_id as issue_id,
        'jira' as system,
        named_jira.site as host,
        cast(null as text) as repository,
        named_jira.issue_key as issue_name,
        named_jira.title,
        named_jira.body,
        named_jira.type as issue_type,
        named_jira.status,
        named_jira.category as status_category,
        named_jira.resolution,
        named_jira.labels,
        {{ login_id('named_jira.site', 'named_jira.author') }} as author_id,
        named_jira.author as author_login,
        {{ list_of('named_jira.assignee') }} as assignees,
        named_jira.created_at,
        case
            when named_jira.category = 'done' then coalesce(named_jira.resolved_at, ends.done_at)
            else named_jira.resolved_at
        end as resolved_at,
        named_jira._event_at as updated_at
    from named_jira
    left outer join ends on named_jira.full_id = ends.issue_id
),

issues as (
    select * from from_hosts
    union all
    select * from from_jira
)

select * from issues
