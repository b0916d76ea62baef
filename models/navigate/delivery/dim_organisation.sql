with repository_organisations as (
    select * from {{ ref('repository_organisations') }}
),

memberships as (
    select * from {{ ref('team_memberships') }}
    where organisation is not null
),

owners as (
    select
        organisation,
        repository,
        cast(null as text) as team
    from repository_organisations
    union all
    select
        organisation,
        null as repository,
        team
    from memberships
),

organisations as (
    select
        organisation,
        count(distinct repository) as repositories,
        count(distinct team) as teams
    from owners
    group by organisation
)

select * from organisations
