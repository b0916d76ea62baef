with github as (
    select * from {{ ref('github__teams') }}
),

versions as (
    select
        'github' as system,
        organisation_id,
        team_id,
        slug as team,
        members,
        _operation,
        _event_at as valid_from,
        lead(_event_at) over (partition by organisation_id, team_id order by _event_at, _sha256) as valid_to,
        row_number() over (partition by organisation_id, team_id order by _event_at, _sha256) as version_number
    from github
),

members as (
    {{ unnested('versions', [
        'system', 'organisation_id', 'team_id', 'team', '_operation', 'valid_from', 'valid_to', 'version_number'
    ], 'members', 'login') }}
),

-- Versions that follow one another with the same member are one membership.
numbered as (
    select
        members.*,
        version_number - row_number() over (
            partition by organisation_id, team_id, login
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
        max(team) as team,
        login,
        min(valid_from) as valid_from,
        case when count(*) = count(valid_to) then max(valid_to) end as valid_to
    from numbered
    group by system, organisation_id, team_id, login, stay
)

select * from memberships
