with issues as (
    select * from {{ ref('issues') }}
),

-- An issue of Jira may be about any repository. Where no issue is known, they may be read elsewhere, or not at all.
sources as (
    select distinct
        system,
        coalesce(repository, '*') as repository
    from issues
)

select * from sources
