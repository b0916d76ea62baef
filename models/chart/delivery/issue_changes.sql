with github as (
    select * from {{ ref('github__issue_events') }}
),

gitlab as (
    select * from {{ ref('gitlab__issue_events') }}
),

jira as (
    select * from {{ ref('jira__issue_changes') }}
),

jira_statuses as (
    select * from {{ ref('jira__statuses') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id', 'event_id']) }}
),

latest_gitlab as (
    {{ latest_by('gitlab', ['repository_id', 'event_id']) }}
),

latest_jira as (
    {{ latest_by('jira', ['site', 'change_id']) }}
),

latest_jira_statuses as (
    {{ latest_by('jira_statuses', ['site', 'status_id']) }}
),

hosted as (
    select
        'github' as system,
        repository_id,
        event_id,
        issue,
        event,
        actor_login,
        label,
        assignee_login,
        _event_at
    from latest_github
    union all
    select
        'gitlab' as system,
        repository_id,
        event_id,
        issue,
        event,
        actor_login,
        label,
        cast(null as text) as assignee_login,
        _event_at
    from latest_gitlab
),

from_hosts as (
    select
        system || ':' || repository_id || ':' || event_id as change_id,
        system,
        system || ':' || repository_id || '#' || cast(issue as text) as issue_id,
        case
            when event in ('closed', 'reopened') then 'status'
            when event in ('labeled', 'unlabeled') then 'label'
            else 'assignee'
        end as field,
        case event
            when 'closed' then 'open'
            when 'reopened' then 'closed'
            when 'unlabeled' then label
            when 'unassigned' then assignee_login
        end as from_value,
        case event
            when 'closed' then 'closed'
            when 'reopened' then 'open'
            when 'labeled' then label
            when 'assigned' then assignee_login
        end as to_value,
        case event when 'closed' then 'open' when 'reopened' then 'done' end as from_category,
        case event when 'closed' then 'done' when 'reopened' then 'open' end as to_category,
        _event_at as changed_at,
        actor_login
    from hosted
    where event in ('closed', 'reopened', 'labeled', 'unlabeled', 'assigned', 'unassigned')
),

-- What a workflow's own statuses come to, Jira says of each; of one that is gone, what it said last.
from_jira as (
    select
        'jira:' || latest_jira.site || '/' || latest_jira.change_id as change_id,
        'jira' as system,
        'jira:' || latest_jira.site || '/' || latest_jira.issue_id as issue_id,
        case latest_jira.field when 'labels' then 'label' else latest_jira.field end as field,
        coalesce(latest_jira.from_text, latest_jira.from_id) as from_value,
        coalesce(latest_jira.to_text, latest_jira.to_id) as to_value,
        earlier.category as from_category,
        later.category as to_category,
        latest_jira._event_at as changed_at,
        latest_jira.author as actor_login
    from latest_jira
    left outer join latest_jira_statuses as earlier
        on
            latest_jira.field = 'status'
            and latest_jira.site = earlier.site
            and latest_jira.from_id = earlier.status_id
    left outer join latest_jira_statuses as later
        on
            latest_jira.field = 'status'
            and latest_jira.site = later.site
            and latest_jira.to_id = later.status_id
    where latest_jira.field in ('status', 'labels', 'assignee')
),

changes as (
    select * from from_hosts
    union all
    select * from from_jira
)

select * from changes
