with commits as (
    select * from {{ ref('fct_commit') }}
    where not is_merge
),

developers as (
    select * from {{ ref('dim_developer') }}
    where is_current
),

members as (
    select * from {{ ref('bridge_team_member') }}
    where allocation > 0
),

teams as (
    select * from {{ ref('dim_team') }}
    where not is_placeholder
),

written as (
    select
        commits.repository,
        commits.commit_hash,
        commits.authored_at,
        coalesce(developers.person_id, commits.author_id) as person_id
    from commits
    left outer join developers on commits.author_id = developers.developer_id
),

-- The team is that of the time in which the change was written, wherever its author is when it ships.
allocated as (
    select
        written.repository,
        written.commit_hash,
        members.team,
        members.allocation
    from written
    inner join members on {{ version_at('members', {'person_id': 'written.person_id'}, 'written.authored_at') }}
),

-- What is nobody's; rounding leaves less than a thousand millionth.
left_over as (
    select
        written.repository,
        written.commit_hash,
        '(no team)' as team,
        1 - coalesce({{ ordered_sum('allocated.allocation') }}, 0) as allocation
    from written
    left outer join allocated
        on written.repository = allocated.repository and written.commit_hash = allocated.commit_hash
    where exists (select teams.team from teams)
    group by written.repository, written.commit_hash
    having 1 - coalesce({{ ordered_sum('allocated.allocation') }}, 0) > 0.000000001
),

commit_teams as (
    select * from allocated
    union all
    select * from left_over
)

select * from commit_teams
