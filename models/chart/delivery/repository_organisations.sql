with ref_events as (
    select * from {{ ref('ref_events') }}
),

hosted_repositories as (
    select * from {{ ref('hosted_repositories') }}
),

rules as (
    select * from {{ ref('repository_rules') }}
    where organisation is not null
),

repositories as (
    select repository from ref_events
    union
    select repository from hosted_repositories
),

-- A directory of this machine is nobody's name.
placed as (
    select
        repositories.repository,
        coalesce(
            own.organisation,
            general.organisation,
            case
                when repositories.repository not like 'localhost/%' then {{ path_above('repositories.repository') }}
            end
        ) as organisation
    from repositories
    left outer join rules as own on repositories.repository = own.repository
    left outer join rules as general on general.repository = '*'
),

organisations as (
    select
        repository,
        organisation
    from placed
    where organisation is not null
)

select * from organisations
