with issues as (
    select * from {{ ref('issues') }}
),

issue_changes as (
    select * from {{ ref('issue_changes') }}
    where field = 'status'
),

-- Of changes at one time, the service's numbers tell the order; a shorter number is a smaller one.
changes as (
    select
        issue_id,
        from_value,
        from_category,
        to_value,
        to_category,
        changed_at,
        row_number() over (
            partition by issue_id
            order by changed_at, length(change_id), {{ by_code_points('change_id') }}
        ) as change_number
    from issue_changes
),

-- An issue of which no change is told is in its only status, or was resolved by a change that nobody saw.
beginnings as (
    select
        issues.issue_id,
        0 as change_number,
        case
            when changes.issue_id is not null then changes.from_value
            when issues.resolved_at is null then issues.status
        end as status,
        case
            when changes.issue_id is not null then changes.from_category
            when issues.resolved_at is null then issues.status_category
        end as status_category,
        least(coalesce(changes.changed_at, issues.created_at), issues.created_at) as entered_at
    from issues
    left outer join changes on issues.issue_id = changes.issue_id and changes.change_number = 1
),

unseen as (
    select
        issues.issue_id,
        1 as change_number,
        issues.status,
        issues.status_category,
        greatest(issues.resolved_at, issues.created_at) as entered_at
    from issues
    left outer join changes on issues.issue_id = changes.issue_id and changes.change_number = 1
    where changes.issue_id is null and issues.resolved_at is not null
),

entered as (
    select * from beginnings
    union all
    select * from unseen
    union all
    select
        changes.issue_id,
        changes.change_number,
        changes.to_value as status,
        changes.to_category as status_category,
        changes.changed_at as entered_at
    from changes
    inner join issues on changes.issue_id = issues.issue_id
),

stays as (
    select
        issue_id,
        change_number + 1 as stay_number,
        status,
        status_category,
        entered_at,
        lead(entered_at) over (partition by issue_id order by change_number) as left_at
    from entered
),

timed as (
    select
        issue_id,
        stay_number,
        status,
        status_category,
        entered_at,
        left_at,
        {{ seconds_between('entered_at', 'left_at') }} as stayed_s
    from stays
)

select * from timed
