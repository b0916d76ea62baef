-- Who was assigned to an issue need never have been seen to do anything.
with identities as (
    select * from {{ ref('developer_identities') }}
),

pull_requests as (
    select * from {{ ref('fct_pull_request') }}
    where not coalesce(is_by_bot, false)
),

reviews as (
    select * from {{ ref('fct_review') }}
    where counts
),

issues as (
    select * from {{ ref('issues') }}
    where resolved_at is not null
),

organisations as (
    select * from {{ ref('repository_organisations') }}
),

members as (
    select * from {{ ref('bridge_team_member') }}
    where allocation > 0
),

teams as (
    select * from {{ ref('dim_team') }}
    where not is_placeholder
),

-- People's work: programs open and merge as many pull requests as they are told to.
work as (
    select
        'pull_request' as kind,
        pull_request_id as work_id,
        repository,
        opened_at as counts_at,
        opened_on as first_on,
        coalesce(closed_on, opened_on) as last_on
    from pull_requests
    union all
    select
        'review' as kind,
        review_id as work_id,
        repository,
        submitted_at as counts_at,
        submitted_on as first_on,
        submitted_on as last_on
    from reviews
    union all
    select
        'issue' as kind,
        issue_id as work_id,
        repository,
        resolved_at as counts_at,
        {{ utc_date('resolved_at') }} as first_on,
        {{ utc_date('resolved_at') }} as last_on
    from issues
),

assigned as (
    {{ unnested('issues', ['issue_id', 'host'], 'assignees', 'login') }}
),

-- Services tell who closed an issue, if at all, and not who resolved it: it is taken for a work of those that it was
-- assigned to, of each an equal part; of nobody else, of who opened it.
issue_doers as (
    select
        issues.issue_id,
        coalesce({{ login_id('assigned.host', 'assigned.login') }}, issues.author_id) as developer_id,
        cast(1 as double precision) / count(*) over (partition by issues.issue_id) as part
    from issues
    left outer join assigned on issues.issue_id = assigned.issue_id
),

doers as (
    select
        'pull_request' as kind,
        pull_request_id as work_id,
        author_id as developer_id,
        cast(1 as double precision) as part
    from pull_requests
    union all
    select
        'review' as kind,
        review_id as work_id,
        reviewer_id as developer_id,
        1 as part
    from reviews
    union all
    select
        'issue' as kind,
        issue_id as work_id,
        developer_id,
        part
    from issue_doers
),

-- The team is that of the time at which the work counts, wherever its doer is later.
by_team as (
    select
        work.kind,
        work.work_id,
        members.team,
        {{ ordered_sum('doers.part * members.allocation') }} as share
    from work
    inner join doers on work.kind = doers.kind and work.work_id = doers.work_id
    left outer join identities on doers.developer_id = identities.developer_id
    inner join members
        on
            {{ version_at(
                'members', {'person_id': 'coalesce(identities.person_id, doers.developer_id)'}, 'work.counts_at'
            ) }}
    group by work.kind, work.work_id, members.team
),

-- What is nobody's; rounding leaves less than a thousand millionth.
left_over as (
    select
        work.kind,
        work.work_id,
        '(no team)' as team,
        1 - coalesce({{ ordered_sum('by_team.share') }}, 0) as share
    from work
    left outer join by_team on work.kind = by_team.kind and work.work_id = by_team.work_id
    where exists (select teams.team from teams)
    group by work.kind, work.work_id
    having 1 - coalesce({{ ordered_sum('by_team.share') }}, 0) > 0.000000001
),

-- What is of no repository is of an organisation as much as its teams have of it.
by_organisation as (
    select
        work.kind,
        work.work_id,
        organisations.organisation,
        cast(1 as double precision) as share
    from work
    inner join organisations on work.repository = organisations.repository
    union all
    select
        work.kind,
        work.work_id,
        teams.organisation,
        {{ ordered_sum('by_team.share') }} as share
    from work
    inner join by_team on work.kind = by_team.kind and work.work_id = by_team.work_id
    inner join teams on by_team.team = teams.team
    where work.repository is null and teams.organisation is not null
    group by work.kind, work.work_id, teams.organisation
),

shares as (
    select
        kind,
        work_id,
        'repository' as scope,
        repository as scope_name,
        cast(1 as double precision) as share
    from work
    where repository is not null
    union all
    select
        kind,
        work_id,
        'organisation' as scope,
        organisation as scope_name,
        share
    from by_organisation
    union all
    select
        kind,
        work_id,
        'team' as scope,
        team as scope_name,
        share
    from by_team
    union all
    select
        kind,
        work_id,
        'team' as scope,
        team as scope_name,
        share
    from left_over
),

work_scopes as (
    select
        shares.scope,
        shares.scope_name,
        shares.kind,
        shares.work_id,
        shares.share,
        work.repository,
        work.first_on,
        work.last_on
    from shares
    inner join work on shares.kind = work.kind and shares.work_id = work.work_id
)

select * from work_scopes
