with issues as (
    select * from {{ ref('issues') }}
),

issue_stays as (
    select * from {{ ref('issue_stays') }}
),

-- Two statuses of one name are one to people, unless they come to different things.
summed as (
    select
        issue_stays.issue_id,
        coalesce(issue_stays.status, '(unknown)') as status,
        coalesce(issue_stays.status_category, '(unknown)') as status_category,
        issues.repository,
        count(*) as stays,
        min(issue_stays.entered_at) as first_entered_at,
        count(case when issue_stays.left_at is null then 1 end) > 0 as is_present,
        coalesce(sum(issue_stays.stayed_s), 0) as stayed_s
    from issue_stays
    inner join issues on issue_stays.issue_id = issues.issue_id
    group by
        issue_stays.issue_id,
        coalesce(issue_stays.status, '(unknown)'),
        coalesce(issue_stays.status_category, '(unknown)'),
        issues.repository
)

select * from summed
