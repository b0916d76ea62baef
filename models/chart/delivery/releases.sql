with github as (
    select * from {{ ref('github__releases') }}
),

gitlab as (
    select * from {{ ref('gitlab__releases') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id', 'release_id']) }}
),

latest_gitlab as (
    {{ latest_by('gitlab', ['repository_id', 'tag']) }}
),

from_github as (
    select
        'github:' || repository_id || ':' || release_id as release_id,
        'github' as system,
        repository_id,
        name,
        tag,
        coalesce(is_prerelease, false) as is_prerelease,
        author_login,
        published_at
    from latest_github
    where _operation = 'upsert' and not coalesce(is_draft, false)
),

from_gitlab as (
    select
        'gitlab:' || repository_id || ':' || tag as release_id,
        'gitlab' as system,
        repository_id,
        name,
        tag,
        false as is_prerelease,
        author_login,
        released_at as published_at
    from latest_gitlab
    where _operation = 'upsert'
),

releases as (
    select * from from_github
    union all
    select * from from_gitlab
),

named as (
    select
        releases.release_id,
        releases.system,
        repositories.repository,
        releases.name,
        releases.tag,
        releases.is_prerelease,
        releases.author_login,
        releases.published_at
    from releases
    inner join repositories
        on
            releases.system = repositories.system
            and releases.repository_id = repositories.repository_id
)

select * from named
