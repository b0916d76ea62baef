with hosted_repositories as (
    select * from {{ ref('hosted_repositories') }}
),

issues as (
    select * from {{ ref('issues') }}
    where repository is null
),

-- An issue of Jira may be about any repository.
sources as (
    select
        system,
        repository
    from hosted_repositories
    union
    select
        system,
        '*' as repository
    from issues
)

select * from sources
