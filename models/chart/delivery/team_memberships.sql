with declared_team_members as (
    select * from {{ ref('declared_team_members') }}
),

team_members as (
    select * from {{ ref('team_members') }}
),

github_organisations as (
    select * from {{ ref('github__organisations') }}
),

identities as (
    select * from {{ ref('developer_identities') }}
),

organisations as (
    {{ latest_by('github_organisations', ['organisation_id']) }}
),

declared as (
    select
        team,
        organisation,
        lower(trim(member)) as member,
        'declared' as evidence,
        coalesce({{ utc_start_of('valid_from') }}, {{ start_of_time() }}) as valid_from,
        {{ utc_start_of('valid_to') }} as valid_to,
        allocation
    from declared_team_members
),

named as (
    select
        team_members.*,
        split_part(team_members.organisation_id, '/', 1) as host
    from team_members
),

owned as (
    select
        named.*,
        case
            when named.system = 'gitlab' then named.host || '/' || named.team
            else named.host || '/' || coalesce(organisations.login, split_part(named.organisation_id, '/', 2))
        end as organisation
    from named
    left outer join organisations on named.organisation_id = organisations.organisation_id
),

-- On GitLab, a group is both.
collected as (
    select
        case when system = 'gitlab' then organisation else organisation || '/' || team end as team,
        organisation,
        {{ login_id('host', 'login') }} as member,
        system as evidence,
        valid_from,
        valid_to,
        cast(null as double precision) as allocation
    from owned
),

memberships as (
    select * from declared
    union all
    select * from collected
),

-- Somebody whom nobody has seen at work yet is a member all the same.
identified as (
    select
        memberships.*,
        coalesce(identities.person_id, memberships.member) as person_id,
        identities.merged_by as identity_rule
    from memberships
    left outer join identities on memberships.member = identities.developer_id
),

-- Of somebody whose teams are declared, nothing else counts.
judged as (
    select
        team,
        organisation,
        member,
        person_id,
        identity_rule,
        evidence,
        valid_from,
        valid_to,
        allocation,
        evidence = 'declared'
        or count(case when evidence = 'declared' then 1 end) over (partition by person_id) = 0 as counts
    from identified
)

select * from judged
