with github as (
    select * from {{ ref('github__issue_events') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id', 'event_id']) }}
),

from_github as (
    select
        'github:' || repository_id || ':' || event_id as change_id,
        'github' as system,
        'github:' || repository_id || '#' || cast(issue as text) as issue_id,
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
    from latest_github
    where event in ('closed', 'reopened', 'labeled', 'unlabeled', 'assigned', 'unassigned')
),

changes as (
    select * from from_github
)

select * from changes
