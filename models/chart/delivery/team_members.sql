with github as (
    select * from {{ ref('github__teams') }}
),

gitlab as (
    select * from {{ ref('gitlab__groups') }}
),

-- On GitLab, a group is both: what owns projects, and who works on them.
seen as (
    select
        'github' as system,
        organisation_id,
        team_id,
        slug as team,
        members,
        _operation,
        _event_at,
        _sha256
    from github
    union all
    select
        'gitlab' as system,
        group_id as organisation_id,
        group_id as team_id,
        path as team,
        members,
        _operation,
        _event_at,
        _sha256
    from gitlab
),

-- A team goes by its present name, also for the time in which it had another; one that is gone by its last.
versions as (
    select
        system,
        organisation_id,
        team_id,
        members,
        _operation,
        first_value(team) over (
            partition by system, organisation_id, team_id
            order by case _operation when 'upsert' then 0 else 1 end, _event_at desc, _sha256 desc
        ) as team,
        _event_at as valid_from,
        lead(_event_at) over version as valid_to,
        row_number() over version as version_number
    from seen
    window version as (partition by system, organisation_id, team_id order by _event_at, _sha256)
),

members as (
    {{ unnested('versions', [
        'system', 'organisation_id', 'team_id', 'team', '_operation', 'valid_from', 'valid_to', 'version_number'
    ], 'members', 'login') }}
),

-- Versions that follow one another with the same member are one membership.
numbered as (
    select
        *,
        version_number - row_number() over (
            partition by system, organisation_id, team_id, login
            order by version_number
        ) as stay
    from members
    where _operation = 'upsert'
),

memberships as (
    select
        system,
        organisation_id,
        team_id,
        team,
        login,
        min(valid_from) as valid_from,
        case when count(*) = count(valid_to) then max(valid_to) end as valid_to
    from numbered
    group by system, organisation_id, team_id, team, login, stay
)

select * from memberships
