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

-- Whose it is now, whatever name a clone still goes by.
named as (
    select
        repositories.repository,
        coalesce(max(hosted_repositories.present_name), repositories.repository) as present_name
    from repositories
    left outer join hosted_repositories on repositories.repository = hosted_repositories.repository
    group by repositories.repository
),

-- A directory of this machine is nobody's name.
placed as (
    select
        named.repository,
        coalesce(
            own.organisation,
            general.organisation,
            case
                when named.present_name not like 'localhost/%' then {{ path_above('named.present_name') }}
            end
        ) as organisation
    from named
    left outer join rules as own on named.repository = own.repository
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
