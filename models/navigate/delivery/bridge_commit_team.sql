with commits as (
    select * from {{ ref('fct_commit') }}
    where not is_merge
),

members as (
    select * from {{ ref('bridge_team_member') }}
    where allocation > 0
),

teams as (
    select * from {{ ref('dim_team') }}
    where not is_placeholder
),

-- The team is that of the time in which the change was written, wherever its author is when it ships.
allocated as (
    select
        commits.repository,
        commits.commit_hash,
        members.team,
        members.allocation
    from commits
    inner join members on {{ version_at('members', {'developer_id': 'commits.author_id'}, 'commits.authored_at') }}
),

-- What is nobody's; rounding leaves less than a thousand millionth.
left_over as (
    select
        commits.repository,
        commits.commit_hash,
        '(no team)' as team,
        1 - coalesce(sum(allocated.allocation), 0) as allocation
    from commits
    left outer join allocated
        on commits.repository = allocated.repository and commits.commit_hash = allocated.commit_hash
    where exists (select teams.team from teams)
    group by commits.repository, commits.commit_hash
    having 1 - coalesce(sum(allocated.allocation), 0) > 0.000000001
),

commit_teams as (
    select * from allocated
    union all
    select * from left_over
)

select * from commit_teams
